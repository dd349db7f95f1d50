"""`perform` against one raw SQL transaction that writes the same rows. A part of bench-actions.

Pairs of projects of the same firm, in the same state, in batches with the same rules: one goes
through `perform`, its twin through SQL with the values ready made (the audit row and the chain's
new head are computed beforehand, outside the time). Both connections are behind the wall of the
same officer, as the database's owner, whom row-level security binds. Afterwards every table is counted, the twins
are compared column by column, and the audit chain that both sides wrote is verified; a difference
is a failure, whatever the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

BAR = 0.4
FIRMS = 6  # pairs of one action within a round
# What is different in twins from the start.
OWN = frozenset({"id", "pilot_id", "batch_id", "number", "filed_at", "updated_at", "created_at"})


def main() -> int:
    """Measure; 1 when the bar is missed, 2 when the two sides wrote different rows."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from benchmarks.actions_raw import Raw

    world = World(rounds + 1)
    raw = Raw(world)
    before = _counts()
    raw.learn()  # the first round: each action once for each firm, its rows read back
    learnt = _counts()
    raw.twins(0)
    same = _compare(learnt - before, _counts() - learnt, world, 0)
    ratios: list[float] = []
    by_action: dict[str, list[tuple[float, float]]] = {name: [] for name in world.actions}
    for number in range(1, rounds + 1):
        ours = theirs = 0.0
        for action in world.actions:
            seconds = raw.race(action, number)
            by_action[action].append(seconds)
            ours, theirs = ours + seconds[0], theirs + seconds[1]
        ratios.append(theirs / ours)
        same &= _compare(Counter(), Counter(), world, number)
    same &= _chain_holds()
    each = len(world.firms)
    for action, pairs in by_action.items():
        mine = statistics.median(a for a, _ in pairs) / each * 1000
        other = statistics.median(b for _, b in pairs) / each * 1000
        ratio = statistics.median(b / a for a, b in pairs)
        print(f"{action}：{mine:.1f} 毫秒，直接写 {other:.1f} 毫秒，速度比 {ratio:.2f}")
    ratio = statistics.median(ratios)
    actions = rounds * each * len(world.actions)
    print(
        f"BENCH-PERFORM ratio={ratio:.2f} bar={BAR} same={int(same)} actions={actions} "
        f"rounds={rounds} statements={raw.statements} database=postgresql"
    )
    return 2 if not same else 0 if ratio >= BAR else 1


class World:
    """One county with its people and firms, and for every round two projects a firm and state."""

    def __init__(self, rounds: int) -> None:
        from django.utils import timezone

        from shuzhuan.apps.accounts.models import User
        from shuzhuan.apps.assessments.actions.sets import ensure_shipped
        from shuzhuan.apps.inbox.models import MailAddress
        from shuzhuan.site.rehearsal import stage
        from shuzhuan.site.rehearsal.drive import EXPERTS, Drive

        ensure_shipped()
        self.stage = stage.build()
        self.drive = Drive(self.stage.players)
        today = timezone.localdate()
        self.drive.open_pilot(today, today + timedelta(days=364))
        self.firms = self.stage.firms[:FIRMS]
        for number, firm in enumerate(self.firms):
            self.drive.archive(firm, stage.FIRMS[number][1])
        now = timezone.now()
        MailAddress.objects.bulk_create(
            MailAddress(user_id=pk, address=f"user{pk}@example.org", confirmed_at=now)
            for pk in User.objects.values_list("pk", flat=True)
        )
        p = self.stage.players
        # action: who, body. The second goes on where the first has led.
        self.actions: dict[str, tuple[Any, dict[str, Any]]] = {
            "pass_form_check": (p.county, {"opinion": "材料齐全，符合申报条件"}),
            "record_experts": (p.county, {"opinion": "方案可行，同意入选", **EXPERTS}),
            "pass_city_review": (p.city, {"opinion": "审核通过"}),
            "confirm_determination": (p.second, {}),
        }
        # (round, side, action) → projects, one for each firm; side 0 is ours
        self.projects: dict[tuple[int, int, str], list[Any]] = {}
        for number in range(rounds):
            for side in (0, 1):
                self._round(number, side)

    def _round(self, number: int, side: int) -> None:
        from shuzhuan.engine.process import State

        starts = {"pass_form_check": State.FORM_CHECK, "pass_city_review": State.CITY_REVIEW,
                  "confirm_determination": State.CONFIRMATION}  # fmt: skip
        for at, (action, state) in enumerate(starts.items()):
            rows = self._bulk(number * 6 + at * 2 + side, state)
            self.projects[number, side, action] = rows
        self.projects[number, side, "record_experts"] = self.projects[
            number, side, "pass_form_check"
        ]
        self._confirmations(self.projects[number, side, "pass_form_check"][0])

    def _bulk(self, serial: int, state: Any) -> list[Any]:
        """A pilot with one batch, and one project of each firm that has come to a state."""
        from django.utils import timezone

        from shuzhuan.apps.pilots.actions.pilot import create_batch, create_pilot, open_batch
        from shuzhuan.apps.projects.models import Project

        p, today = self.stage.players, timezone.localdate()
        pilot = create_pilot(
            p.county, p.place, p.place.pack, f"试点{serial:04d}", today - timedelta(serial + 1),
            today + timedelta(days=60), synthetic=True,
        )  # fmt: skip
        batch = create_batch(
            p.county, pilot, title=f"第{serial:04d}批", clause="7-1", opens_on=today,
            closes_on=today + timedelta(days=60), contact="0954-0000000（演示）",
        )  # fmt: skip
        batch = open_batch(p.county, batch.pk)
        money = 0 if state == "form_check" else 20_000_000
        return Project.objects.bulk_create(
            Project(
                place=p.place, pilot=pilot, batch=batch, enterprise=firm.enterprise, state=state,
                lane=state.lane, number=f"彭阳县-{serial:04d}-{at:03d}", title="生产管理数字化改造",
                content="建设生产执行、仓储和销售管理系统，采集关键设备数据。",
                goal="关键工序数据自动采集，订单到交付全程可查。", vendor=p.vendor_party,
                vendor_name=p.vendor_party.name, planned_fen=70_000_000, level_before=1, level_target=2,
                entered_on=today, due_on=today, filed_at=timezone.now(),
                created_by_id=firm.certifier.user_id, ceiling_fen=money, proposed_fen=money,
                determined_fen=money if state == "confirmation" else 0,
            )
            for at, firm in enumerate(self.firms)
        )  # fmt: skip

    def _confirmations(self, project: Any) -> None:
        """What the archive cannot know: the officer ticks it, the same for each of these firms."""
        from shuzhuan.apps.projects.queries.eligibility import checks

        _, body = self.actions["pass_form_check"]
        body |= {f"confirm_{each.id}": "on" for each in checks(project) if each.state is None}

    def do(self, action: str, project: Any) -> None:
        """One action through the platform; it has to succeed."""
        from shuzhuan.site.rehearsal.drive import must

        actor, body = self.actions[action]
        must(self.perform(actor, project.pk, action, body, key=uuid4()))

    @property
    def perform(self) -> Any:
        from shuzhuan.apps.projects.actions.perform import perform

        return perform


def _counts() -> Counter[str]:
    """Rows of every table."""
    from django.apps import apps
    from django.db import connection

    with connection.cursor() as cursor:
        found: Counter[str] = Counter()
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*) FROM {table}")
            found[table] = cursor.fetchone()[0]
    return found


def _written(projects: list[Any]) -> Counter[str]:
    """The rows that belong to these projects, inserted and changed."""
    from django.db.models import Q

    from shuzhuan.apps.audit.models import Entry
    from shuzhuan.apps.inbox.models import Message, Outgoing
    from shuzhuan.apps.projects.models import ActionRequest, Opinion, Project, Step

    pks = [project.pk for project in projects]
    mails = Q(pk__in=[])
    for pk in pks:
        mails |= Q(key__startswith=f"projects.step:{pk}:")
    messages = Message.objects.filter(about_kind="projects.project", about_id__in=pks)
    return Counter(
        {
            "project": Project.objects.filter(pk__in=pks, version__gt=1).count(),
            "step": Step.objects.filter(project_id__in=pks).count(),
            "opinion": Opinion.objects.filter(project_id__in=pks).count(),
            "request": ActionRequest.objects.filter(project_id__in=pks, done=True).count(),
            "audit": Entry.objects.filter(
                kind="projects.project", object_id__in=[str(pk) for pk in pks]
            ).count(),
            "message": messages.count(),
            "settled": messages.filter(done_at__isnull=False, is_read=True).count(),
            "mail": Outgoing.objects.filter(mails).count(),
        }
    )


def _compare(ours: Counter[str], theirs: Counter[str], world: World, number: int) -> bool:
    """Whether both sides wrote the same in a round; prints what they wrote, and where they differ."""
    from shuzhuan.apps.projects.models import Project

    same = ours == theirs
    if not same:
        tables = {t: (ours[t], theirs[t]) for t in ours | theirs if ours[t] != theirs[t]}
        print(f"写入的行数不同（perform，直接写）：{tables}")
    sides: list[Counter[str]] = []
    stood: list[list[dict[str, Any]]] = []
    for side in (0, 1):
        projects = {
            p.pk: p
            for (at, which, _), rows in world.projects.items()
            if (at, which) == (number, side)
            for p in rows
        }
        sides.append(_written(list(projects.values())))
        rows = Project.objects.filter(pk__in=projects).order_by("pk").values()
        stood.append([{k: v for k, v in row.items() if k not in OWN} for row in rows])
    told = "，".join(f"{name} {count}" for name, count in sides[0].items())
    other = "，".join(f"{name} {count}" for name, count in sides[1].items())
    if number == 0 or sides[0] != sides[1]:
        print(f"每轮写入：perform {told}；直接写 {other}")
    if not sides[0]["mail"] or not sides[0]["settled"]:
        print("没有写出待发邮件或没有办结的消息，这样测没有意义")
        return False
    for mine, twin in zip(*stood, strict=True):
        if mine != twin:
            fields = {k: (mine[k], twin[k]) for k in mine if mine[k] != twin[k]}
            print(f"项目写成了不同的样子：{fields}")
            same = False
    return same and sides[0] == sides[1]


def _chain_holds() -> bool:
    """The audit chains, written by both sides in turns, hold as the platform verifies them."""
    from shuzhuan.apps.audit.models import Chain, Entry
    from shuzhuan.engine.audit import tree

    for chain in Chain.objects.all():
        leaves, previous = [], tree.EMPTY
        for entry in Entry.objects.filter(chain=chain).order_by("number"):
            if entry.previous != previous:
                print(f"审计链断在第 {entry.number} 条")
                return False
            previous = entry.leaf
            leaves.append(entry.leaf)
        if len(leaves) != chain.size or previous != chain.head:
            print("审计链的头与记录不符")
            return False
        if tree.fold(chain.frontier.split(","), chain.algorithm) != tree.root(
            leaves, chain.algorithm
        ):
            print("审计树的根与记录不符")
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
