"""Names of files: what a person reads is kept, what deceives a person or a system is refused."""

from __future__ import annotations

import re
import unicodedata

from shuzhuan.apps.evidence.checks.refused import UploadRefused
from shuzhuan.apps.evidence.slots import BY_EXTENSION, Kind

NAME_CHARS_MAX = 200
# Signs that change the order or hide what is read: bidi controls, zero width, tags.
_DECEIVING = {"Cf", "Cc", "Co", "Cs", "Zl", "Zp"}
_DEVICES = re.compile(r"(con|prn|aux|nul|clock\$|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.I)
_ACTIVE = frozenset(
    [
        "exe",
        "com",
        "bat",
        "cmd",
        "scr",
        "pif",
        "cpl",
        "msi",
        "msp",
        "dll",
        "sys",
        "lnk",
        "url",
        "hta",
        "jar",
        "jsp",
        "jspx",
        "php",
        "php3",
        "php5",
        "phtml",
        "phar",
        "asp",
        "aspx",
        "ashx",
        "cgi",
        "pl",
        "py",
        "rb",
        "sh",
        "bash",
        "ps1",
        "psm1",
        "vbs",
        "vbe",
        "vb",
        "js",
        "jse",
        "mjs",
        "wsf",
        "wsh",
        "html",
        "htm",
        "xhtml",
        "shtml",
        "mht",
        "mhtml",
        "svg",
        "svgz",
        "xml",
        "xsl",
        "xslt",
        "swf",
        "docm",
        "dotm",
        "xlsm",
        "xltm",
        "xlam",
        "xlsb",
        "pptm",
        "ppsm",
        "iso",
        "img",
        "reg",
        "inf",
        "apk",
        "app",
        "dmg",
        "deb",
        "rpm",
        "ws",
        "gadget",
        "application",
        "chm",
        "htaccess",
    ]
)


def check_name(name: str) -> tuple[str, Kind]:
    """The name as it is kept (text only, never a path) and the kind that its extension says."""
    if not name.strip():
        raise UploadRefused("name-empty", "文件没有名字，请改名后再上传")
    if len(name) > NAME_CHARS_MAX:
        raise UploadRefused("name-long", f"文件名超过 {NAME_CHARS_MAX} 个字，请改短后再上传")
    shown = unicodedata.normalize("NFC", name)
    if any(unicodedata.category(sign) in _DECEIVING for sign in shown):
        raise UploadRefused("name-signs", "文件名里有看不见的控制字符，请改名后再上传")
    if any(sign in shown for sign in '/\\:*?"<>|'):
        raise UploadRefused("name-path", '文件名不能含 / \\ : * ? " < > |，请改名后再上传')
    if shown != shown.strip() or shown.startswith(".") or shown.endswith("."):
        raise UploadRefused("name-edge", "文件名不能以点或空格开头、结尾，请改名后再上传")
    parts = [part.strip().lower() for part in shown.split(".")]
    if _DEVICES.fullmatch(parts[0]):
        raise UploadRefused("name-device", "这个文件名是系统保留的名字，请改名后再上传")
    kind = BY_EXTENSION.get(parts[-1]) if len(parts) > 1 else None
    if kind is None:
        raise UploadRefused("extension", _advice(parts[-1] if len(parts) > 1 else ""))
    if any(part in _ACTIVE for part in parts[1:-1]):
        raise UploadRefused("name-double", "文件名里有两个扩展名，像是伪装的程序，请确认后改名")
    return shown, kind


def _advice(extension: str) -> str:
    if extension in ("xls", "et", "ods", "xlsm", "xlsb", "xltx", "xltm"):
        return f"不接受 .{extension}，请在 Excel 或 WPS 里另存为 .xlsx 再上传"
    if extension in ("doc", "wps", "odt", "docm", "dotx", "dotm", "rtf"):
        return f"不接受 .{extension}，请另存为 .docx 或 PDF 再上传"
    if extension in ("bmp", "gif", "webp", "heic", "heif", "tif", "tiff", "svg", "avif"):
        return f"不接受 .{extension}，请另存为 .jpg 或 .png 再上传"
    if extension in ("rar", "7z", "gz", "tar", "tgz", "bz2", "xz", "zst"):
        return f"不接受 .{extension}，请打包成 .zip 再上传"
    return "不接受这种文件，请用 PDF、JPG、PNG、Word（.docx）、Excel（.xlsx）或 CSV"
