"""The flowchart of a batch, or of a pack before a batch opens."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import typst
from django.http import Http404

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.accounts.roles import GOVERNMENT
from shuzhuan.apps.assessments.reports.drawing import fonts
from shuzhuan.apps.pilots.models import Batch, BatchState
from shuzhuan.engine.policy.pack import Library, Pack
from shuzhuan.engine.process import Parameters, ProcessError, State, parameters_of
from shuzhuan.engine.process.flow import Flow, flow
from shuzhuan.engine.process.flow_svg import to_svg

TEMPLATE = Path(__file__).resolve().parents[1] / "reports" / "flow.typ"
PNG_PPI = 160
_KEPT = 16  # drawings of this process; the same question is asked again and again


@dataclass(frozen=True)
class Drawn:
    """A flowchart with its name. ``preview``: of something that is not open yet."""

    name: str
    flow: Flow
    preview: bool
    batch: Batch | None = None

    @property
    def svg(self) -> str:
        return to_svg(self.flow)


def of_batch(actor: Actor, pk: int) -> Drawn:
    """Of a batch that has been opened, for everybody; of a prepared one for its own government."""
    rows = Batch.objects.select_related("pilot", "place")
    batch = rows.filter(pk=pk).exclude(state=BatchState.PREPARED).first()
    if batch is None and actor.role in GOVERNMENT:
        mine = visible(actor, Batch).filter(pk=pk)
        batch = rows.filter(pk__in=mine.values("pk")).first()
    if batch is None:
        raise Http404
    parameters = _parameters(batch)
    title = f"{batch.place.name}{batch.title}：办理流程"
    document = _document(parameters.pack)
    return Drawn(batch.title, flow(parameters, title, document), not batch.process, batch)


def _parameters(batch: Batch) -> Parameters:
    if batch.process:
        return batch.parameters
    days = {State(name): count for name, count in batch.office_days.items()}
    try:
        return parameters_of(Library.load().get(batch.pilot.pack), days, batch.hearing_days)
    except (KeyError, ProcessError):
        raise Http404 from None


def _document(pack_id: str) -> str:
    library = Library.load()
    return library.get(pack_id).source.pack.document.title if pack_id in library.ids else ""


def of_pack(pack_id: str) -> Drawn:
    """Before a batch opens, with the days that are usual. Raises Http404 and ProcessError."""
    library = Library.load()
    if pack_id not in library.ids:
        raise Http404
    pack = library.get(pack_id)
    title = f"{pack.name}：办理流程（批次开放前预览）"
    return Drawn(
        pack.name, flow(parameters_of(pack), title, pack.source.pack.document.title), preview=True
    )


def why_not(pack: Pack) -> str:
    """What keeps a pack from being drawn, in words; empty when nothing does."""
    try:
        parameters_of(pack)
    except ProcessError as error:
        return str(error)
    return ""


@lru_cache(maxsize=_KEPT)
def file_of(svg: str, kind: str) -> bytes:
    """The drawing as PDF (A3 across) or PNG."""
    # The setter knows fonts by name only; the bundled one is the generic one.
    picture = svg.replace('font-family="sans-serif"', 'font-family="Noto Sans SC"')
    compiler = typst.Compiler(str(TEMPLATE), font_paths=fonts(), sys_inputs={"svg": picture})
    content = (
        compiler.compile(format="pdf", timestamp=0)
        if kind == "pdf"
        else compiler.compile(format="png", ppi=PNG_PPI)
    )
    assert isinstance(content, bytes)
    return content
