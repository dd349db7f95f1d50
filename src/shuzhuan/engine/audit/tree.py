"""Canonical rows, their chain and their Merkle tree.

A row's leaf is H(0x00 ‖ canonical bytes), an inner node H(0x01 ‖ left ‖ right), as in
RFC 6962: the first byte keeps a leaf from being passed off as a node. Every row holds
the leaf of the row before it, so a row cannot be changed, dropped or moved without
breaking the chain; a published root stops someone who can rewrite the whole chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

ALGORITHMS = ("sha256", "sm3")
EMPTY = "0" * 64


def canonical(row: Mapping[str, object]) -> bytes:
    """Sorted keys, no blanks, UTF-8; floats are refused because they have no one spelling."""
    _no_floats(row)
    text = json.dumps(row, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def _no_floats(value: object) -> None:
    if isinstance(value, float):
        raise TypeError("an audit row must not hold a float")
    if isinstance(value, Mapping):
        for inner in value.values():
            _no_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _no_floats(inner)


def leaf(row: Mapping[str, object], algorithm: str = "sha256") -> str:
    """Leaf hash (hex) of a row, which must already hold ``previous``."""
    return hashlib.new(algorithm, b"\x00" + canonical(row)).hexdigest()


def _node(left: bytes, right: bytes, algorithm: str) -> bytes:
    return hashlib.new(algorithm, b"\x01" + left + right).digest()


def root(leaves: Sequence[str], algorithm: str = "sha256") -> str:
    """Merkle root (hex) of leaf hashes in order; an odd last node moves up unchanged."""
    if not leaves:
        return hashlib.new(algorithm, b"").hexdigest()
    level = [bytes.fromhex(each) for each in leaves]
    while len(level) > 1:
        paired = [_node(level[at], level[at + 1], algorithm) for at in range(0, len(level) - 1, 2)]
        level = [*paired, level[-1]] if len(level) % 2 else paired
    return level[0].hex()


def proof(leaves: Sequence[str], index: int, algorithm: str = "sha256") -> list[tuple[str, str]]:
    """Inclusion proof: (side, hash) from the leaf up; side is where the sibling stands."""
    return proofs(leaves, [index], algorithm)[0]


def proofs(
    leaves: Sequence[str], indexes: Sequence[int], algorithm: str = "sha256"
) -> list[list[tuple[str, str]]]:
    """Inclusion proofs of several leaves; the tree is built once."""
    level = [bytes.fromhex(each) for each in leaves]
    paths: list[list[tuple[str, str]]] = [[] for _ in indexes]
    here = list(indexes)
    while len(level) > 1:
        for path, index in zip(paths, here, strict=True):
            sibling = index ^ 1
            if sibling < len(level):
                path.append(("left" if sibling < index else "right", level[sibling].hex()))
        paired = [_node(level[at], level[at + 1], algorithm) for at in range(0, len(level) - 1, 2)]
        level = [*paired, level[-1]] if len(level) % 2 else paired
        here = [index // 2 for index in here]
    return paths


def included(
    leaf_hash: str, path: Sequence[tuple[str, str]], root_hash: str, algorithm: str = "sha256"
) -> bool:
    """Whether the proof leads from the leaf to the root."""
    current = bytes.fromhex(leaf_hash)
    for side, sibling in path:
        other = bytes.fromhex(sibling)
        pair = (other, current) if side == "left" else (current, other)
        current = _node(*pair, algorithm)
    return current.hex() == root_hash


def push(frontier: Sequence[str], leaf_hash: str, algorithm: str = "sha256") -> list[str]:
    """Add a leaf to the frontier: the roots of the full subtrees, smallest first, "" where none.

    The frontier has one place per bit of the number of leaves, so adding costs a few hashes
    however long the log is.
    """
    carried = bytes.fromhex(leaf_hash)
    result = list(frontier)
    for at, full in enumerate(result):
        if not full:
            result[at] = carried.hex()
            return result
        carried = _node(bytes.fromhex(full), carried, algorithm)
        result[at] = ""
    return [*result, carried.hex()]


def fold(frontier: Sequence[str], algorithm: str = "sha256") -> str:
    """The root of all leaves behind a frontier; the same as ``root`` of the leaves."""
    current = b""
    for full in frontier:
        if full:
            left = bytes.fromhex(full)
            current = _node(left, current, algorithm) if current else left
    return current.hex() if current else root([], algorithm)
