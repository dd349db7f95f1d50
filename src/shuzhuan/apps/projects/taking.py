"""Files that come with a form: each becomes a document of the library, named in the form's data."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.evidence.actions.refuse import note_refusal
from shuzhuan.apps.evidence.actions.upload import Incoming, upload_document
from shuzhuan.apps.evidence.checks import UploadRefused
from shuzhuan.apps.evidence.handlers import REQUEST_BYTES_MAX
from shuzhuan.apps.evidence.slots import MIB
from shuzhuan.apps.projects.forms.firm import FILE
from shuzhuan.apps.projects.models import Project
from shuzhuan.apps.projects.queries.mine import PAPER_SLOTS

TITLE_CHARS = 60


def take(
    request: HttpRequest, actor: Actor, project: Project, action: str
) -> tuple[QueryDict, dict[str, str]]:
    """Store what was sent along. Returns the form's data with the new documents, and problems.

    What could be stored stays in the library when another part of the form is refused, and the
    form then shows it as chosen.
    """
    data, problems = request.POST.copy(), {}
    if getattr(request, "upload_too_large", False):
        return data, {"": f"一次最多上传 {REQUEST_BYTES_MAX // MIB} MB，没有保存。"}
    for name, slot, title in _fields(project, action, data):
        file = next((f for f in request.FILES.getlist(f"{name}{FILE}") if f), None)
        if file is None:
            continue
        try:
            data[name] = str(_stored(actor, project, slot, title, file))
        except UploadRefused as error:
            problems[f"{name}{FILE}"] = f"没有接受这个文件：{error.reason}。"
    return data, problems


def _fields(project: Project, action: str, data: QueryDict) -> Iterator[tuple[str, str, str]]:
    """Field, slot and title of the document."""
    number = data.get("invoice_number", "").strip() or data.get("number", "").strip()
    if action == "edit_line":
        yield "invoice", "invoice", f"发票 {number}"
        yield "proof", "payment", f"付款凭证 {number}"
    elif action == "edit_contract":
        yield "document", "contract", f"合同 {number}"
    elif action == "attach_paper":
        paper = data.get("paper", "")
        name = project.batch.parameters.papers.get(paper, "材料")
        yield "document", PAPER_SLOTS.get(paper, "other"), name


def _stored(
    actor: Actor, project: Project, slot: str, title: str, file: UploadedFile[bytes]
) -> int:
    """Id of the document; the one that holds the same file already is used again."""
    assert file.file is not None
    incoming = Incoming(file.name or "", file.file)
    try:
        return upload_document(
            actor, project.enterprise.party, slot, incoming, title[:TITLE_CHARS]
        ).pk
    except UploadRefused as error:
        if error.document is not None:
            return error.document
        note_refusal(actor, error.code, file.size or 0)
        raise
