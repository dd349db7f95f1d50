"""The proof itself: green on the engine, red on each spoilt copy, never idle."""

from __future__ import annotations

import pytest

from tests.proofs.grading import BREAKS, main


def test_the_proof_is_green(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sheets", "1500", "--ways", "200", "--workers", "1"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("PROVE-GRADING sheets=1500 edges=")
    assert last.endswith(" ways=200 real_ways=10 differences=0")


@pytest.mark.parametrize("broken", BREAKS)
def test_the_proof_turns_red(broken: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--sheets", "500", "--ways", "100", "--workers", "1", "--break", broken]) == 1
    assert not capsys.readouterr().out.splitlines()[-1].endswith("differences=0")
