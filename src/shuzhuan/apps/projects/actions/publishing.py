"""A project in a publicity: shown alone or together with others, ended when all have moved on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shuzhuan.apps.projects.actions.move import Refused
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.publicity import period
from shuzhuan.apps.publicity.actions import finish, start
from shuzhuan.apps.publicity.models import ItemState, Publicity, PublicityItem
from shuzhuan.apps.publicity.models import State as Shown
from shuzhuan.engine.process import PUBLIC_PERIODS, Parameters

if TYPE_CHECKING:
    from shuzhuan.apps.projects.actions.move import Move

SUBJECT = "projects.Project"
_TITLES = {"selection": "拟支持项目遴选公示", "payment": "拟兑付补助资金公示"}
_CONTENT_CHARS_MAX = 200


def spec_of(project: Project, fields: tuple[str, ...], amount_fen: int) -> start.ItemSpec:
    """One row with exactly the fields that the place's rules permit."""
    values = {
        "单位名称": project.enterprise.name,
        "项目名称": project.title,
        "项目内容": (project.content or project.title)[:_CONTENT_CHARS_MAX],
    }
    return start.ItemSpec(
        party=project.enterprise.party,
        subject_kind=SUBJECT,
        subject_id=project.pk,
        values={name: values[name] for name in fields if name in values},
        amount_fen=amount_fen,
    )


def publish(
    move: Move, kind: str, parameters: Parameters, items: list[start.ItemSpec], title: str = ""
) -> Publicity:
    """Start one publicity by the batch's frozen rules."""
    period, project = parameters.publicity[kind], move.project
    return start.start(
        move.actor,
        place=project.place,
        kind=kind,
        title=title or f"{project.batch.title}{_TITLES[kind]}",
        basis=f"{parameters.place}政策文件{period.cite}",
        fields=period.fields,
        days=period.days,
        unit=period.unit,
        bound=period.bound,
        items=items,
        starts_on=move.today,
        contact=project.batch.contact,
        hearing_days=parameters.hearing_days,
    )


def show(move: Move, kind: str, amount_fen: int) -> None:
    """Put the project into the publicity that the payload names, or into one of its own."""
    project = move.project
    pk = move.pk("item", required=False)
    if pk is None:
        period = move.parameters.publicity[kind]
        spec = spec_of(project, period.fields, amount_fen)
        publicity = publish(move, kind, move.parameters, [spec])
        item = publicity.items.get()
    else:
        item = _shared(move, kind, pk, amount_fen)
    project.item = item
    project.objections_open = 0
    move.detail |= {"publicity": item.publicity_id, "ends_on": item.publicity.ends_on.isoformat()}
    move.detail["amount_fen"] = amount_fen
    publicity_ends, provisional = item.publicity.ends_on, item.publicity.provisional

    def due() -> None:
        """The project's own due day is the publicity's, counted once."""
        Project.objects.filter(pk=project.pk).update(
            due_on=publicity_ends, due_provisional=provisional
        )
        project.due_on, project.due_provisional = publicity_ends, provisional

    move.after.append(due)


def _shared(move: Move, kind: str, pk: int, amount_fen: int) -> PublicityItem:
    """The row of a publicity that began today for several. Raises Refused for any other row."""
    rows = PublicityItem.objects.select_related("publicity").filter(
        pk=pk, subject_kind=SUBJECT, subject_id=move.project.pk, publicity__kind=kind,
        publicity__state=Shown.RUNNING, publicity__starts_on=move.today,
        state=ItemState.RUNNING, amount_fen=amount_fen,
    )  # fmt: skip
    item = rows.first()
    if item is None:
        raise Refused("没有这项公示，请刷新页面后重新办理。")
    return item


def let_pass(move: Move) -> None:
    """The project's own period is over: it waits for no other one of its publicity, and whatever
    becomes of that (another one's objection, a later end) does not reach it any more."""
    item = move.project.item
    assert item is not None
    finish.pass_item(item)
    close_when_all_moved(move)


def close_when_all_moved(move: Move) -> None:
    """End the publicity itself once none of its projects waits in it, if it may end by now.

    A project that leaves early, or while another one's objection is open, leaves it running: the
    office closes it at its desk.
    """
    item = move.project.item
    assert item is not None
    publicity_id = item.publicity_id

    def close() -> None:
        publicity = Publicity.objects.get(pk=publicity_id)
        waiting = Project.objects.filter(
            item__publicity_id=publicity_id, state__in=[str(s) for s in PUBLIC_PERIODS]
        )
        over = period.recounted(publicity).day < move.today and not publicity.objections_open
        if publicity.state == Shown.RUNNING and over and not waiting.exists():
            finish.close(move.actor, publicity)

    move.after.append(close)


def take_out(move: Move, reason: str) -> None:
    """Take the project out of a publicity that runs."""
    item = move.project.item
    if item is None or item.state != ItemState.RUNNING:
        return
    if item.publicity.state == Shown.RUNNING:
        finish.withdraw_item(move.actor, item, reason[:200])
