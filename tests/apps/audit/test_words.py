"""The log reads as sentences: every action that the code records has words."""

import ast
from pathlib import Path

import pytest

import shuzhuan
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit.words import WORDS, action_words, codes_of
from tests.cast import Cast, client_of

SOURCE = Path(shuzhuan.__file__).parent


def recorded(tree: ast.AST) -> set[str]:
    """Constant first arguments of every call of ``record``."""
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        first = node.args[0]
        if name == "record" and isinstance(first, ast.Constant) and isinstance(first.value, str):
            found.add(first.value)
    return found


def test_every_recorded_action_has_words() -> None:
    codes: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        codes |= recorded(ast.parse(path.read_text("utf-8")))
    assert len(codes) > 100
    assert sorted(codes - set(WORDS)) == []


def test_control_a_new_action_is_seen() -> None:
    assert recorded(ast.parse('record("fly_away", actor)')) == {"fly_away"}
    assert action_words("fly_away") == "fly_away"
    assert action_words("request:funds:close") == "没有办成的请求"


@pytest.mark.django_db
def test_the_page_says_it_and_finds_it_by_its_words(cast: Cast) -> None:
    client_of(cast.person(Role.SYSTEM_ADMIN, "ningxia")).post("/system/regions/999999/", {})
    client = client_of(cast.person(Role.AUDIT_ADMIN, "ningxia"))
    page = client.get("/audit/").content.decode()
    assert "没有办成的请求" in page and "/system/regions/999999/" in page
    assert codes_of("首次设立") == ["administration.found"]
    assert "没有符合条件的记录" in client.get("/audit/?action=首次设立").content.decode()
    assert "没有符合条件的记录" not in client.get("/audit/?action=request:").content.decode()
