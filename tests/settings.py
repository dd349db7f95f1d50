"""Settings of the test-suite: a SQLite *file* by default, PostgreSQL on demand.

`SHUZHUAN_TEST_DATABASE=postgresql` runs the same suite on the cluster that
`SHUZHUAN_DATABASE_URL` points to. An in-memory database is never used: it has no journal, and
what a power cut does to a file is what the suite is about.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_KIND = os.environ.get("SHUZHUAN_TEST_DATABASE", "sqlite")
_URL = os.environ.get("SHUZHUAN_DATABASE_URL", "")
if _KIND not in {"sqlite", "postgresql"}:
    raise RuntimeError(f"SHUZHUAN_TEST_DATABASE={_KIND!r}: must be sqlite or postgresql")
if _KIND == "postgresql" and not _URL.startswith("postgresql://"):
    raise RuntimeError(
        "SHUZHUAN_TEST_DATABASE=postgresql needs SHUZHUAN_DATABASE_URL=postgresql://…"
    )
if _KIND == "sqlite":
    os.environ.pop("SHUZHUAN_DATABASE_URL", None)

_DATA = Path(tempfile.mkdtemp(prefix="shuzhuan-test-"))
atexit.register(shutil.rmtree, _DATA, ignore_errors=True)
os.environ["SHUZHUAN_DATA"] = str(_DATA)
(_DATA / "static").mkdir()

from shuzhuan.site.settings import *  # noqa: E402, F403
from shuzhuan.site.settings import DATABASES  # noqa: E402

if _KIND == "sqlite":
    DATABASES["default"]["TEST"] = {"NAME": str(_DATA / "test.sqlite3")}

# Tests read the sources of the static files; nothing is collected first.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Real hashing of pass-words takes most of the time of a suite and proves nothing here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SECURE_SSL_REDIRECT = False
