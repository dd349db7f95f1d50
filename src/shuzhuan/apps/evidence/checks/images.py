"""Photos and scans: decoded within limits and written anew, without place, device or comment."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from typing import IO

from PIL import Image, ImageOps

from shuzhuan.apps.evidence.checks.refused import UploadRefused

SIDE_PIXELS_MAX = 20_000
PIXELS_MAX = 60_000_000
JPEG_QUALITY = 90
_MAGIC = {"jpg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n"}
_FORMAT = {"jpg": "JPEG", "png": "PNG"}
_MODES = {"jpg": ("L", "RGB"), "png": ("L", "LA", "P", "RGB", "RGBA", "1")}
# Long enough not to occur by chance in a photo.
_SCRIPT = re.compile(rb"<script|<\?php|<!doctype|<html[ >]|%PDF-\d\.\d|<svg\s+[xow]", re.I)


def rebuild_image(file: IO[bytes], kind: str) -> io.BytesIO:
    """The same picture, written by us. Raises UploadRefused for anything that is not one."""
    file.seek(0)
    content = file.read()
    if not content.startswith(_MAGIC[kind]):
        raise UploadRefused("magic", "图片的内容与扩展名不符，请确认没有改过扩展名")
    if _SCRIPT.search(content) or zipfile.is_zipfile(io.BytesIO(content)):
        raise UploadRefused("polyglot", "图片里藏有别的内容，没有接受；请重新拍照或另存后再上传")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # a warning about a bomb or a damaged tag is a refusal
        try:
            return _written(content, kind)
        except UploadRefused:
            raise
        except Image.DecompressionBombError:
            raise _too_large() from None
        except Image.DecompressionBombWarning:
            raise _too_large() from None
        except (OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, MemoryError):
            raise _damaged() from None
        except (Warning, ArithmeticError, IndexError, AttributeError, RuntimeError):
            raise _damaged() from None


def _too_large() -> UploadRefused:
    return UploadRefused("image-size", "图片的尺寸太大，请缩小后再上传")


def _damaged() -> UploadRefused:
    return UploadRefused("image-damaged", "图片已损坏或不完整，请重新保存后再上传")


def _written(content: bytes, kind: str) -> io.BytesIO:
    with Image.open(io.BytesIO(content), formats=[_FORMAT[kind]]) as picture:
        wide, high = picture.size
        if max(wide, high) > SIDE_PIXELS_MAX or wide * high > PIXELS_MAX:
            raise _too_large()
        if kind == "png" and getattr(picture, "n_frames", 1) != 1:
            raise UploadRefused("image-frames", "不接受动图，请另存为一张图片")
        picture.load()
        upright = ImageOps.exif_transpose(picture)
    if upright.mode not in _MODES[kind]:
        upright = upright.convert("RGB")
    # A fresh picture carries nothing over: no EXIF, no GPS, no profile, no comment.
    fresh = Image.new(upright.mode, upright.size)
    if upright.mode == "P":
        fresh = upright.convert("RGBA" if "transparency" in upright.info else "RGB")
        fresh.info.clear()
    else:
        fresh.paste(upright)
    out = io.BytesIO()
    if kind == "jpg":
        fresh.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True)
    else:
        fresh.save(out, "PNG", compress_level=6)
    out.seek(0)
    return out
