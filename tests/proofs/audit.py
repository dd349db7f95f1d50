"""`make prove-audit`: whatever is done to an exported log, the one-file verifier finds it.

Writes real rows through the platform into a fresh database, exports them, damages the export in
every way there is, many times over, and asks the verifier. The control `--blind` makes the
verifier skip the leaves; then the proof must fail.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
from typing import Any

KINDS = ("edit", "delete", "insert", "swap", "truncate", "signature", "root", "all", "move", "fork")


def main(arguments: list[str]) -> int:
    """Run the proof; 0 when every damage was found and the untouched log passed."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=400)
    options.add_argument("--rounds", type=int, default=40)
    options.add_argument("--seed", type=int, default=20260101)
    options.add_argument("--blind", action="store_true", help="control: must turn the proof red")
    asked = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as data:
        documents, key = _written(data, asked.rows)
    return _judge(documents, key, asked)


def _written(data: str, rows: int) -> tuple[list[dict[str, Any]], str]:
    """Rows of two chains, recorded by the platform itself."""
    os.environ["SHUZHUAN_DATA"] = data
    os.environ.pop("SHUZHUAN_DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shuzhuan.site.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from shuzhuan.apps.access.actor import PUBLIC
    from shuzhuan.apps.audit.actions import record
    from shuzhuan.apps.audit.checkpoints import checkpoint, public_key
    from shuzhuan.apps.audit.export import lines
    from shuzhuan.apps.audit.models import Chain
    from shuzhuan.apps.regions.models import Region

    call_command("migrate", verbosity=0)
    region = Region.objects.create(code="640000", name="宁夏", level="province")
    for number in range(rows):
        with transaction.atomic():
            record("prove.act", PUBLIC, region, place_id=region.pk, detail={"第": number})
            if number % 2:
                record("prove.act", PUBLIC, detail={"第": number})
        if number == rows // 2:
            for chain in Chain.objects.all():
                checkpoint(chain.pk)
    documents: list[dict[str, Any]] = []
    for chain in Chain.objects.order_by("pk"):
        checkpoint(chain.pk)
        documents += [json.loads(line) for line in lines(chain)]
    return documents, public_key()


def _judge(documents: list[dict[str, Any]], key: str, asked: argparse.Namespace) -> int:
    from shuzhuan.apps.audit import verifier

    if asked.blind:
        verifier.leaf_of = lambda row, algorithm: "blind"
        verifier.check_chain = lambda name, rows, algorithm: []
    rng = random.Random(asked.seed)
    clean, rows, points = verifier.check_export([json.dumps(d) for d in documents], key)
    missed: dict[str, int] = {}
    for kind in KINDS:
        for _ in range(asked.rounds):
            damaged = _damaged(kind, json.loads(json.dumps(documents)), rng)
            problems, _, _ = verifier.check_export([json.dumps(d) for d in damaged], key)
            if not problems:
                missed[kind] = missed.get(kind, 0) + 1
    print(
        f"未动的记录：{'通过' if not clean else clean[:3]}；没有发现的改动：{missed or '无'}；种子 {asked.seed}"
    )
    tried = len(KINDS) * asked.rounds
    print(
        f"PROVE-AUDIT rows={rows} checkpoints={points} tamperings={tried} "
        f"missed={sum(missed.values())} clean={int(not clean)}"
    )
    return 0 if not clean and not missed and rows >= asked.rows and points >= 2 else 1


def _damaged(
    kind: str, documents: list[dict[str, Any]], rng: random.Random
) -> list[dict[str, Any]]:
    rows = [d for d in documents if d["type"] == "row"]
    points = [d for d in documents if d["type"] != "row"]
    chain = rng.choice(sorted({d["chain"] for d in rows}))
    own = [at for at, d in enumerate(rows) if d["chain"] == chain]
    at, other = rng.choice(own[:-1]), rng.choice(own[1:])
    match kind:
        case "edit":
            field = rng.choice(("action", "at", "outcome", "object", "user", "detail"))
            rows[at]["row"][field] = "changed"
        case "delete":
            del rows[at]
        case "insert" | "fork":
            copy = json.loads(json.dumps(rows[at]))
            copy["row"]["action"] = "forged" if kind == "fork" else copy["row"]["action"]
            rows.insert(at, copy)
        case "swap":
            rows[at], rows[at + 1] = rows[at + 1], rows[at]
        case "truncate":
            rows = [d for n, d in enumerate(rows) if n not in own[-rng.randrange(1, len(own)) :]]
        case "signature":
            points[rng.randrange(len(points))]["signature"] = rng.randbytes(64).hex()
        case "root":
            points[rng.randrange(len(points))]["root"] = rng.randbytes(32).hex()
        case "move":
            rows[other]["chain"] = "elsewhere"
        case "all":
            rows[at]["row"]["detail"] = {"第": -1}
            rows = _rechained(rows)
    return rows + points


def _rechained(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    from shuzhuan.engine.audit import tree

    last: dict[str, tuple[int, str]] = {}
    for document in rows:
        number, previous = last.get(document["chain"], (0, tree.EMPTY))
        document["row"] |= {"number": number + 1, "previous": previous}
        document["leaf"] = tree.leaf(document["row"])
        last[document["chain"]] = (number + 1, document["leaf"])
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
