"""The command line starts fast and refuses what must not serve."""

import subprocess
import sys

import pytest

from shuzhuan.site import cli


def test_starting_loads_neither_the_web_framework_nor_the_columns() -> None:
    program = (
        "import sys; from shuzhuan.site import cli; cli.parser();"
        "print([m for m in ('django', 'polars', 'numpy', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("port", ["0", "70000", "x"])
def test_control_a_wrong_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["serve", "--port", port])
    assert stopped.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_the_policy_group_is_handed_over_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from shuzhuan import site

    seen: list[list[str]] = []

    def group(words: list[str]) -> int:
        seen.append(words)
        return 3

    stand_in = SimpleNamespace(main=group)
    monkeypatch.setattr(site, "policy_cli", stand_in, raising=False)
    monkeypatch.setitem(sys.modules, "shuzhuan.site.policy_cli", stand_in)
    assert cli.main(["policy", "list", "--json"]) == 3
    assert seen == [["list", "--json"]]
