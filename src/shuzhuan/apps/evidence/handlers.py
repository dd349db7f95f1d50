"""Where the bytes of an upload wait: a temporary file, and never more than a bounded amount."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from shuzhuan.apps.evidence.slots import MIB

REQUEST_BYTES_MAX = 128 * MIB


class BoundedUploadHandler(TemporaryFileUploadHandler):
    """Stops keeping what comes after the limit; the view sees ``request.upload_too_large``."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self._received += len(raw_data)
        if self._received > REQUEST_BYTES_MAX:
            if self.request is not None:
                self.request.upload_too_large = True  # type: ignore[attr-defined]
            self.file.close()
            raise StopUpload(connection_reset=False)
        super().receive_data_chunk(raw_data, start)
        return None
