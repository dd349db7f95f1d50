"""The two commands, as an operator runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.inbox import reminders
from shuzhuan.apps.inbox.models import Outgoing
from shuzhuan.site import cli
from tests.apps.inbox.mailroom import files, mail_to, told, with_address
from tests.cast import build

pytestmark = pytest.mark.django_db(transaction=True)


def test_send_mail(settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.MAIL = None
    assert cli.main(["send-mail"]) == 0
    assert "邮件没有开通" in capsys.readouterr().out
    settings.MAIL, settings.ADDRESS = files(tmp_path), "https://sz.example.gov.cn"
    member = build().person(Role.ENTERPRISE_FILLER, "pengyang_mill")
    with_address(member)
    told(member)
    assert cli.main(["send-mail"]) == 0
    assert "发出 1 封" in capsys.readouterr().out
    settings.MAIL = mail_to(port=1)
    told(member, key="m:2")
    Outgoing.objects.filter(key="m:2").update(attempts=11)
    assert cli.main(["send-mail"]) == 1
    assert "有邮件已放弃" in capsys.readouterr().err


def test_remind_says_which_rule_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError

    monkeypatch.setattr(reminders, "_RULES", {})
    assert cli.main(["remind"]) == 0
    assert "提醒了 0 人次" in capsys.readouterr().out
    monkeypatch.setattr(reminders, "_RULES", {"someone.broken": broken})
    assert cli.main(["remind"]) == 1
    assert "someone.broken" in capsys.readouterr().err
