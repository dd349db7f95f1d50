"""Typed arrays from addresses, for generated kernels only.

A loop gets the addresses of its block and the number of rows. Slicing some sixty arrays
in compiled code instead took longer to compile than all the loops together.
"""

from typing import Any

from numba import njit
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.numpy_support import carray

__all__ = ["array_at"]


@intrinsic  # type: ignore[untyped-decorator,unused-ignore]
def _pointer(typing: Any, address: Any) -> Any:
    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], cgutils.voidptr_t)

    return types.voidptr(types.intp), write


@njit  # type: ignore[untyped-decorator,unused-ignore]
def array_at(address: Any, rows: Any, dtype: Any) -> Any:
    """The array of ``rows`` numbers that starts at ``address``; the caller keeps it alive."""
    return carray(_pointer(address), rows, dtype)  # type: ignore[call-arg,unused-ignore]
