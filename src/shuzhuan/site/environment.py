"""What a running instance takes from its surroundings: data directory, secret, database.

Only environment variables and one data directory are read, so that the same program runs on a
county's laptop and in a city's machine room without a changed file.
"""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SECRET_BYTES = 48
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
SQLITE_WAIT_SECONDS = 20
POSTGRES_KEEP_SECONDS = 60
POSTGRES_OPTIONS = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout"})


def flag(name: str, *, default: bool = False) -> bool:
    """Read a switch; a value that is neither on nor off is refused, not guessed."""
    value = os.environ.get(name, "").strip().lower()
    if value == "":
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"环境变量 {name} 只能是 1 或 0，现在是 {value!r}。")


def words(name: str, default: str = "") -> list[str]:
    """Read a comma-separated list."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def whole(name: str, default: int, *, low: int, high: int) -> int:
    """Read a whole number between two limits; anything else is refused."""
    text = os.environ.get(name, "").strip()
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ImproperlyConfigured(f"环境变量 {name} 应是 {low} 到 {high} 之间的整数。")
    return int(text)


def choice(name: str, values: tuple[str, ...]) -> str:
    """Read one of a few words; the first is the default."""
    value = os.environ.get(name, "").strip().lower() or values[0]
    if value not in values:
        raise ImproperlyConfigured(f"环境变量 {name} 只能是 {'、'.join(values)} 之一。")
    return value


def oidc() -> dict[str, str] | None:
    """Read the sign-in service (OpenID Connect); none without SHUZHUAN_OIDC_ISSUER.

    The secret may be in a file (SHUZHUAN_OIDC_SECRET_FILE), so that it is in no process list.
    """
    issuer = os.environ.get("SHUZHUAN_OIDC_ISSUER", "").strip()
    if not issuer:
        return None
    parts = urlsplit(issuer)
    local = parts.hostname in LOCAL_HOSTS
    if parts.scheme != "https" and not (parts.scheme == "http" and local):
        raise ImproperlyConfigured("SHUZHUAN_OIDC_ISSUER 应以 https:// 开头。")
    path = os.environ.get("SHUZHUAN_OIDC_SECRET_FILE", "").strip()
    secret = (
        Path(path).read_text(encoding="utf-8").strip()
        if path
        else os.environ.get("SHUZHUAN_OIDC_SECRET", "")
    )
    client = os.environ.get("SHUZHUAN_OIDC_CLIENT", "").strip()
    if not client or not secret:
        raise ImproperlyConfigured(
            "使用统一身份认证要同时设置 SHUZHUAN_OIDC_CLIENT 和 SHUZHUAN_OIDC_SECRET"
            "（或 SHUZHUAN_OIDC_SECRET_FILE）。"
        )
    return {
        "issuer": issuer,
        "client": client,
        "secret": secret,
        "claim": os.environ.get("SHUZHUAN_OIDC_CLAIM", "").strip() or "sub",
        "name": os.environ.get("SHUZHUAN_OIDC_NAME", "").strip() or "统一身份认证",
    }


def site_address() -> str:
    """Read the address under which people reach the site, for links in mails; may be empty."""
    address = os.environ.get("SHUZHUAN_ADDRESS", "").strip().rstrip("/")
    parts = urlsplit(address)
    if address and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path):
        raise ImproperlyConfigured("SHUZHUAN_ADDRESS 应写成 https://网站，后面不带路径。")
    return address


def mail(address: str) -> dict[str, Any] | None:
    """Read where mail is handed over; none while SHUZHUAN_MAIL_URL is empty.

    ``smtp://user:password@host:587?from=…`` encrypts by STARTTLS (``tls=none`` only for a server on
    the same machine), ``smtps://…:465`` from the first byte, ``file:///folder`` writes a file for
    each mail: for a trial. The password may be in a file (SHUZHUAN_MAIL_PASSWORD_FILE).
    """
    url = os.environ.get("SHUZHUAN_MAIL_URL", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    sender, tls = options.pop("from", ""), options.pop("tls", "starttls")
    known = parts.scheme in {"smtp", "smtps", "file"} and tls in {"starttls", "none"}
    if not known or options or (parts.scheme != "file" and not parts.hostname):
        raise ImproperlyConfigured(
            "SHUZHUAN_MAIL_URL 应写成 smtp://用户:密码@主机:587?from=发件地址、"
            "smtps://…:465?from=… 或 file:///目录?from=…；不设就不发邮件。"
        )
    if "@" not in sender or any(sign.isspace() for sign in sender):
        raise ImproperlyConfigured(
            "SHUZHUAN_MAIL_URL 里要写发件地址，如 ?from=szdt@example.gov.cn。"
        )
    if not address:
        raise ImproperlyConfigured(
            "发邮件还要设置 SHUZHUAN_ADDRESS（网站的地址），邮件里的链接用它。"
        )
    if parts.scheme == "smtp" and tls == "none" and parts.hostname not in LOCAL_HOSTS:
        raise ImproperlyConfigured("SHUZHUAN_MAIL_URL 的 tls=none 只能用于本机的邮件服务。")
    path = os.environ.get("SHUZHUAN_MAIL_PASSWORD_FILE", "").strip()
    password = (
        Path(path).read_text(encoding="utf-8").strip() if path else unquote(parts.password or "")
    )
    return {
        "scheme": parts.scheme,
        "host": parts.hostname or "",
        "port": parts.port or (465 if parts.scheme == "smtps" else 587),
        "user": unquote(parts.username or ""),
        "password": password,
        "starttls": parts.scheme == "smtp" and tls == "starttls",
        "folder": unquote(parts.path),
        "from": sender,
    }


def data_directory() -> Path:
    """Return the directory of the instance's data, created for its owner alone."""
    path = Path(os.environ.get("SHUZHUAN_DATA") or "var").resolve()
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ImproperlyConfigured(
            f"数据目录 {path} 不能创建：{error.strerror}。请用 SHUZHUAN_DATA 指定可写的目录。"
        ) from error
    return path


def secret_key(directory: Path) -> str:
    """Read the instance's key; make it on the first start, readable by its owner alone."""
    path = directory / "secret.key"
    try:
        # O_EXCL: two processes that start at the same moment must not end with two keys.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
    key = path.read_text(encoding="ascii").strip()
    if len(key) < SECRET_BYTES:
        raise ImproperlyConfigured(f"密钥文件 {path} 不完整，请从备份恢复。")
    return key


def database(directory: Path) -> dict[str, Any]:
    """Return the database settings: a SQLite file, or PostgreSQL by SHUZHUAN_DATABASE_URL."""
    url = os.environ.get("SHUZHUAN_DATABASE_URL", "").strip()
    return postgresql(url) if url else sqlite(directory / "shuzhuan.sqlite3")


def sqlite(path: Path) -> dict[str, Any]:
    """Settings under which an acknowledged transaction survives a power cut.

    WAL with synchronous=NORMAL lost acknowledged transactions when the power was cut; FULL did
    not. IMMEDIATE takes the write lock at the start, where waiting for it is still possible.
    """
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {
            "timeout": SQLITE_WAIT_SECONDS,
            "transaction_mode": "IMMEDIATE",
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            ),
        },
    }


def postgresql(url: str) -> dict[str, Any]:
    """Read postgresql://user:password@host:port/name?sslmode=…"""
    parts = urlsplit(url)
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme != "postgresql" or not name:
        raise ImproperlyConfigured(
            "SHUZHUAN_DATABASE_URL 应写成 postgresql://用户:密码@主机:端口/库名；"
            "不设这个变量就使用 SQLite。"
        )
    options = dict(parse_qsl(parts.query))
    if unknown := sorted(set(options) - POSTGRES_OPTIONS - {"host"}):
        raise ImproperlyConfigured(
            f"SHUZHUAN_DATABASE_URL 里有不认识的参数：{'、'.join(unknown)}。"
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": POSTGRES_KEEP_SECONDS,
        "CONN_HEALTH_CHECKS": True,
        # Statements of access.prepared are kept from their first use on; the ORM prepares none.
        "OPTIONS": {**options, "prepare_threshold": 0},
    }
