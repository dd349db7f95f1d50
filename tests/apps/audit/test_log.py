"""The log: chained, append-only, complete; the verifier finds every kind of tampering."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from shuzhuan.apps.access.actor import PUBLIC, actor_of
from shuzhuan.apps.accounts.roles import Role
from shuzhuan.apps.audit import verifier
from shuzhuan.apps.audit.actions import frontier_of, record
from shuzhuan.apps.audit.checkpoints import checkpoint, receipt
from shuzhuan.apps.audit.export import lines
from shuzhuan.apps.audit.models import Chain, Checkpoint, Entry, Outcome
from shuzhuan.engine.audit import tree
from tests.cast import canary, client_of

ALGORITHMS = tree.ALGORITHMS


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 64, 100])
def test_frontier_proof_and_recursive_root_agree(size: int, algorithm: str) -> None:
    """Three ways to the root: level by level, incrementally, and the verifier's recursion."""
    leaves = [tree.leaf({"n": n}, algorithm) for n in range(size)]
    frontier: list[str] = []
    for each in leaves:
        frontier = tree.push(frontier, each, algorithm)
    root = tree.root(leaves, algorithm)
    assert tree.fold(frontier, algorithm) == root
    assert verifier.root_of(leaves, algorithm).hex() == root
    for index in range(size):
        path = tree.proof(leaves, index, algorithm)
        assert tree.included(leaves[index], path, root, algorithm)
        assert not tree.included(tree.leaf({"n": -1}, algorithm), path, root, algorithm)


def test_a_leaf_is_never_a_node() -> None:
    """The first byte keeps the bytes of two hashes from being passed off as a row."""
    assert tree.leaf({"a": 1}) != tree.root([tree.leaf({"a": 1}), tree.leaf({"a": 1})])
    with pytest.raises(TypeError):
        tree.leaf({"a": 1.5})


def write(count: int, cast: Any, place: str = "pengyang") -> Chain:
    region = cast.places[place]
    actor = actor_of(cast.person(Role.COUNTY_OFFICER, place))
    for n in range(count):
        with transaction.atomic():
            record("test.act", actor, region, place_id=region.pk, detail={"第": n})
    return Chain.objects.get(place=region)


@pytest.mark.django_db
def test_record_needs_a_transaction_of_its_change(cast: Any, settings: Any) -> None:
    from django.db import connection

    if connection.in_atomic_block:  # the test's own transaction hides the missing one
        connection.in_atomic_block = False
        try:
            with pytest.raises(transaction.TransactionManagementError):
                record("test.act", PUBLIC)
        finally:
            connection.in_atomic_block = True


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Entry, Checkpoint])
@pytest.mark.parametrize("verb", ["update", "delete"])
def test_nothing_can_be_changed_or_removed(cast: Any, model: Any, verb: str) -> None:
    checkpoint(write(2, cast).pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        rows = model.objects.all()
        rows.update(at="2020-01-01T00:00:00Z") if verb == "update" else rows._raw_delete(rows.db)


@pytest.mark.django_db
def test_a_row_cannot_be_replaced_either(cast: Any) -> None:
    """SQLite's INSERT OR REPLACE removes the old row without asking the DELETE trigger."""
    from django.db import connection

    chain = write(2, cast)
    names = [f.column for f in Entry._meta.concrete_fields]
    listed = ", ".join(names)
    changed = ", ".join("'forged'" if n == "action" else n for n in names)
    verb = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    table = "audit_entry"
    statement = f"{verb} INTO {table} ({listed}) SELECT {changed} FROM {table}"  # noqa: S608
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert not Entry.objects.filter(chain=chain, action="forged").exists()


def exported(chain: Chain) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(Chain.objects.get(pk=chain.pk))]


def verdict(documents: list[dict[str, Any]], key: str = "") -> list[str]:
    problems, _, _ = verifier.check_export([json.dumps(d) for d in documents], key)
    return list(problems)


@pytest.mark.django_db
def test_an_untouched_log_verifies(cast: Any) -> None:
    chain = write(20, cast)
    point = checkpoint(chain.pk)
    assert point is not None
    assert verdict(exported(chain), point.key) == []
    assert point.root == tree.fold(frontier_of(Chain.objects.get(pk=chain.pk)))
    assert verdict([]) == ["没有任何记录：零条不算核验通过"]


def rechained(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What somebody does who can rewrite everything: numbers, links and leaves all made anew."""
    previous, result = tree.EMPTY, []
    rows = [d for d in documents if d["type"] == "row"]
    for number, document in enumerate(rows, 1):
        row = {**document["row"], "number": number, "previous": previous}
        previous = tree.leaf(row)
        result.append({**document, "row": row, "leaf": previous})
    return result + [d for d in documents if d["type"] != "row"]


def damage(kind: str, documents: list[dict[str, Any]], rng: random.Random) -> list[dict[str, Any]]:
    rows = [d for d in documents if d["type"] == "row"]
    points = [d for d in documents if d["type"] != "row"]
    at = rng.randrange(1, len(rows) - 1)
    if kind == "edit":
        rows[at]["row"]["detail"] = {"第": 999}
    elif kind == "delete":
        del rows[at]
    elif kind == "insert":
        rows.insert(at, json.loads(json.dumps(rows[at])))
    elif kind == "swap":
        rows[at], rows[at + 1] = rows[at + 1], rows[at]
    elif kind == "truncate":
        rows = rows[:-1]
    elif kind == "signature":
        points[0]["signature"] = "00" * 64
    elif kind == "root":
        points[0]["root"] = "00" * 32
    elif kind == "all":
        rows[at]["row"]["detail"] = {"第": 999}
        return rechained(rows + points)
    return rows + points


KINDS = ["edit", "delete", "insert", "swap", "truncate", "signature", "root", "all"]


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_tampering_is_found(cast: Any, kind: str) -> None:
    chain = write(12, cast)
    point = checkpoint(chain.pk)
    assert point is not None
    rng = random.Random(kind)
    for _ in range(5):
        assert verdict(damage(kind, exported(chain), rng), point.key)


@pytest.mark.django_db
def test_rewriting_everything_is_only_stopped_by_the_checkpoint(cast: Any) -> None:
    """Both halves: without a published checkpoint the forgery passes, with it it does not."""
    chain = write(12, cast)
    forged = damage("all", exported(chain), random.Random(1))
    assert verdict([d for d in forged if d["type"] == "row"]) == []
    point = checkpoint(chain.pk)
    assert point is not None
    assert verdict(damage("all", exported(chain), random.Random(1)), point.key)


@pytest.mark.django_db
def test_another_key_is_noticed(cast: Any) -> None:
    chain = write(3, cast)
    checkpoint(chain.pk)
    assert any("公钥" in problem for problem in verdict(exported(chain), "ab" * 32))


@pytest.mark.django_db
def test_receipt_verifies_offline_and_breaks_when_touched(cast: Any, tmp_path: Path) -> None:
    chain = write(7, cast)
    document = receipt(Entry.objects.get(chain=chain, number=4))
    file = tmp_path / "receipt.json"
    file.write_text(json.dumps(document), "utf-8")
    assert verifier.main([str(file)]) == 0
    document["row"]["detail"] = {"第": 5}  # type: ignore[index]
    file.write_text(json.dumps(document), "utf-8")
    assert verifier.main([str(file)]) == 1
    file.write_text("not json", "utf-8")
    assert verifier.main([str(file)]) == 2


@pytest.mark.django_db
def test_every_refused_request_leaves_one_row(cast: Any) -> None:
    client = client_of(cast.person(Role.AUDIT_ADMIN, "ningxia"))
    chain = write(1, cast)
    before = Entry.objects.count()
    stranger = client_of(cast.person(Role.COUNTY_OFFICER, "pengyang"))
    answer = stranger.post(f"/audit/chains/{chain.pk}/checkpoint/")
    assert answer.status_code == 403
    entry = Entry.objects.order_by("-pk").first()
    assert entry is not None
    assert Entry.objects.count() == before + 1
    assert (entry.action, entry.outcome) == ("request:audit:checkpoint", Outcome.REFUSED)
    assert client.post(f"/audit/chains/{chain.pk + 999}/checkpoint/").status_code == 404


@pytest.mark.django_db
def test_pages_of_the_audit_administrator(cast: Any, django_assert_max_num_queries: Any) -> None:
    chain = write(60, cast)
    client = client_of(cast.person(Role.AUDIT_ADMIN, "ningxia"))
    with django_assert_max_num_queries(10):
        page = client.get("/audit/")
    assert page.status_code == 200
    assert "test.act" in page.content.decode()
    assert client.get("/audit/?since=2026-99-99").status_code == 200
    assert "看不懂" in client.get("/audit/?since=gestern").content.decode()
    assert client.get("/audit/?outcome=refused").status_code == 200
    assert client.get(f"/audit/chains/{chain.pk}/export.jsonl").status_code == 200
    entry = Entry.objects.filter(chain=chain).first()
    assert entry is not None
    assert client.get(f"/audit/entries/{entry.pk}/receipt.json").json()["leaf"] == entry.leaf
    assert client.post(f"/audit/chains/{chain.pk}/checkpoint/").status_code == 302
    assert "彭阳县" in client.get("/audit/checkpoints/").content.decode()
    assert client.get("/audit/verifier.py").status_code == 200


@pytest.mark.django_db
def test_nobody_else_reads_the_log(cast: Any) -> None:
    write(3, cast)
    for role, place in ((Role.COUNTY_OFFICER, "pengyang"), (Role.SYSTEM_ADMIN, "ningxia")):
        assert client_of(cast.person(role, place)).get("/audit/").status_code == 403
    page = client_of(cast.person(Role.AUDIT_ADMIN, "ningxia")).get("/audit/").content.decode()
    assert canary(cast.places["huian"]) not in page
