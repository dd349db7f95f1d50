"""What the whole suite shares: where the browser is, and what happens without one."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# The same examples on every run and no limit of time: what is red here is red everywhere, and
# was made so by a change. The proofs (tests/proofs) are what looks further.
settings.register_profile(
    "steady",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Longer than the slowest machine needs: nothing waits longer than it must, and nothing gives up
# because something else is running.
PATIENCE_MS = 60_000
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def find_chromium() -> str | None:
    """Return the browser's path: SHUZHUAN_CHROMIUM, or the first one on the PATH."""
    named = os.environ.get("SHUZHUAN_CHROMIUM")
    return named or next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the browser tests where there is no browser; never in CI."""
    if find_chromium() is not None or IN_CI:
        return
    browser = [item for item in items if item.get_closest_marker("browser")]
    if browser:
        items[:] = [item for item in items if item not in browser]
        config.hook.pytest_deselected(items=browser)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say so when something was left out."""
    if find_chromium() is None and not IN_CI:
        terminalreporter.write_line(
            "注意：本机没有 Chromium，浏览器测试没有运行（安装 chromium 后会自动运行）。",
            yellow=True,
        )


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Start one headless browser for the session; without one the test fails, it never passes."""
    from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

    path = find_chromium()
    if path is None:
        pytest.fail("没有找到 Chromium：请安装 chromium，或用 SHUZHUAN_CHROMIUM 指明它的位置。")
    # The browser's driver keeps an event loop in this thread; Django would refuse its own calls.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Browser, "new_context", _patient(Browser.new_context))
        patch.setattr(Browser, "new_page", _patient(Browser.new_page))
        patch.setattr(Page, "click", _until_loaded(Page.click))
        patch.setattr(Locator, "click", _until_loaded(Locator.click))
        browser = driver.chromium.launch(executable_path=path, args=list(CHROMIUM_FLAGS))
        yield browser
        browser.close()


def _patient(made: Callable[..., Any]) -> Callable[..., Any]:
    """A window that waits as long as anything here may take."""

    def make(*arguments: Any, **options: Any) -> Any:
        window = made(*arguments, **options)
        window.set_default_timeout(PATIENCE_MS)
        return window

    return make


def _until_loaded(click: Callable[..., None]) -> Callable[..., None]:
    """A click ends when the page that it leads to is whole; by itself it ends when that begins.

    Otherwise a test that reads the page next would read, on a busy machine, the first half of it.
    """

    def whole(self: Any, *arguments: Any, **options: Any) -> None:
        click(self, *arguments, **options)
        getattr(self, "page", self).wait_for_load_state()

    return whole


@pytest.fixture(scope="session", autouse=True)
def _on_one_day() -> Iterator[None]:
    """The suite runs on a fixed day: see tests/today.py."""
    from shuzhuan.site.rehearsal.clock import standing
    from tests.today import clock

    with standing(clock()):
        yield


@pytest.fixture
def cast(db: None) -> Any:
    """Store the fixed cast of tests/cast.py."""
    from tests.cast import build

    return build()


APP_ROLE = "shuzhuan_app"


def _walled() -> bool:
    from django.db import connection

    return connection.vendor == "postgresql"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """On PostgreSQL the suite runs as a role that row-level security binds: 第二道墙.

    A superuser passes every policy, so tests that ran as one would prove nothing about the wall.
    """
    from django.db import connection
    from django.db.backends.signals import connection_created

    with django_db_blocker.unblock():
        if not _walled():
            yield
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE ROLE {APP_ROLE} NOSUPERUSER NOBYPASSRLS")
            # Owner of everything, so that tests may change tables; FORCE binds owners as well.
            cursor.execute(f"GRANT ALL ON SCHEMA public TO {APP_ROLE}")
            cursor.execute(_OWNED)
            for kind, name in cursor.fetchall():
                cursor.execute(f"ALTER {kind} {name} OWNER TO {APP_ROLE}")
            cursor.execute(f"SET ROLE {APP_ROLE}")
        connection_created.connect(_as_the_app, dispatch_uid="tests.wall")
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        connection_created.disconnect(dispatch_uid="tests.wall")
        cursor.execute("RESET ROLE")


_OWNED = """
    SELECT 'TABLE', quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'
    UNION ALL
    SELECT 'FUNCTION', p.oid::regprocedure::text FROM pg_proc p
    JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'public'
"""


def _as_the_app(connection: Any, **_: Any) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {APP_ROLE}")


@pytest.fixture(scope="session", autouse=True)
def _flushable_log(request: pytest.FixtureRequest) -> None:
    """Let the suite empty the append-only tables between tests that commit: 清空测试库.

    Only the flush of the test database drops the triggers and makes them again; nothing else can.
    """
    from django.db import connection

    from shuzhuan.apps.audit.append_only import statements

    # On the class: while a browser runs, Django gives the same thread another connection.
    operations = type(connection.ops)
    original = operations.sql_flush

    def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(_TRIGGERED[connection.vendor])
            guarded = sorted({row[0] for row in cursor.fetchall()})
        drop = [sql for table in guarded for sql in statements(connection.vendor, table)[1]]
        make = [sql for table in guarded for sql in statements(connection.vendor, table)[0]]
        return [*drop, *original(self, style, tables, **options), *make]

    operations.sql_flush = sql_flush  # type: ignore[assignment,method-assign]


_TRIGGERED = {
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type='trigger' AND name LIKE '%_no_update'",
    "postgresql": (
        "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgname LIKE '%_append_only'"
    ),
}
