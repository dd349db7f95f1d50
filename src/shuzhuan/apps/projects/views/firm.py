"""Do what the enterprise's pages ask for: store the files that came along, then `perform`."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.projects.actions import Done, perform
from shuzhuan.apps.projects.forms import key_of, payload_of
from shuzhuan.apps.projects.forms.base import BROKEN
from shuzhuan.apps.projects.models import Contract, Line, Project
from shuzhuan.apps.projects.queries.filing import SECTIONS
from shuzhuan.apps.projects.queries.offers import Attempt
from shuzhuan.apps.projects.taking import take
from shuzhuan.apps.projects.views import filing, work
from shuzhuan.apps.projects.views.act import LEADS_TO, SHOWN_BY, VERSION_DIGITS_MAX, Again
from shuzhuan.engine.process import State

# Actions whose form asks whoever signs to say that it is true.
CONFIRMED = frozenset({"file", "refile", "apply_acceptance", "report_rectified"})
NOT_CONFIRMED = "请核对后勾选确认。"


def _attached(request: HttpRequest, project: Project, attempt: Attempt) -> HttpResponse:
    early = project.at in (State.DRAFT, State.RETURNED)
    return (filing.show if early else work.show_acceptance)(request, project, attempt)


PAGES: Mapping[str, Again] = {
    "edit_filing": filing.show,
    "attach_paper": _attached,
    "file": filing.show,
    "refile": filing.show,
    "discard": filing.show,
    "withdraw": filing.show,
    "edit_contract": work.show_contract,
    "start_work": work.show_contract,
    "edit_line": work.show_line,
    "remove_line": work.show_lines,
    "apply_acceptance": work.show_acceptance,
    "report_rectified": work.show_acceptance,
}
_LEADS: Mapping[str, str] = {
    "file": "projects:receipt",
    "refile": "projects:receipt",
    "edit_contract": "projects:contract",
    "start_work": "projects:lines",
    "edit_line": "projects:lines",
    "remove_line": "projects:lines",
}
SAID = {
    "edit_filing": "已保存。",
    "attach_paper": "材料已经附上，也存进了资料库。",
    "file": "申报已经提交。",
    "refile": "补正已经提交。",
    "discard": "草稿已经放弃。",
    "withdraw": "申报已经撤回。",
    "edit_contract": "合同已经登记。",
    "start_work": "已开始实施。每买一样，随手登记一笔。",
    "edit_line": "这笔投入已经登记。",
    "remove_line": "这笔投入已经删去。",
    "apply_acceptance": "验收申请已经提交。",
    "report_rectified": "整改已经提交，等待复评。",
}
# A constraint speaks of the row as a whole; the form shows its words beside the field.
_BESIDE = {
    str(constraint.violation_error_message): field
    for model, names in (
        (Line, {"line_invoice_once": "invoice_number", "line_amount_range": "amount"}),
        (Contract, {"contract_number_once": "number", "contract_amount_range": "amount"}),
    )
    for constraint in model._meta.constraints
    if (field := names.get(constraint.name)) is not None
}
_RENAMED = {"amount_fen": "amount"}


@require_POST
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Perform it; a refusal shows the same page with what was typed and why."""
    actor, project = actor_of_request(request), filing.own_or_404(request, pk)
    if action not in PAGES:
        raise Http404
    data, problems = take(request, actor, project, action)
    key, version = key_of(data), data.get("version", "")
    if action in CONFIRMED and not data.get("truthful"):
        problems["truthful"] = NOT_CONFIRMED
    if key is None or (version and not (version.isascii() and version.isdigit())):
        problems = {"": BROKEN}
    if problems:
        return PAGES[action](request, project, Attempt(action, data, problems))
    payload = {name: value for name, value in payload_of(data).items() if name != "truthful"}
    answer = perform(
        actor, pk, action, payload, key=key or "",
        version=int(version[:VERSION_DIGITS_MAX]) if version else None,
    )  # fmt: skip
    if not isinstance(answer, Done):
        project = filing.own_or_404(request, pk)
        return PAGES[action](request, project, Attempt(action, data, beside(answer.problems)))
    messages.success(request, SAID[action])
    return redirect(_onward(project, answer, data.get("paper", ""), payload))


def beside(problems: Mapping[str, str]) -> dict[str, str]:
    """The same refusals, each beside the field that it speaks of."""
    return {
        _RENAMED.get(name, name) or _BESIDE.get(message, ""): message
        for name, message in problems.items()
    }


def _onward(project: Project, answer: Done, paper: str, payload: Mapping[str, str]) -> str:
    action = answer.action
    if action in ("discard", "withdraw"):
        return reverse("projects:mine")
    if action == "edit_filing":
        section = next(
            (key for key, (_, names) in SECTIONS.items() if set(names) & set(payload)), ""
        )
        return reverse("projects:filing", args=[project.pk]) + f"#s-{section}"
    if action == "attach_paper":
        early = project.at in (State.DRAFT, State.RETURNED)
        route = "projects:filing" if early else "projects:acceptance"
        return reverse(route, args=[project.pk]) + f"#p-{paper}"
    return reverse(_LEADS.get(action, "projects:page"), args=[project.pk])


# The project's page posts some of these too; a refusal then is shown on the firm's own page.
for _action in ("file", "refile", "edit_filing", "apply_acceptance", "start_work"):
    SHOWN_BY.setdefault(_action, PAGES[_action])
for _action in ("file", "refile"):
    LEADS_TO.setdefault(
        _action, lambda project, answer: reverse("projects:receipt", args=[project.pk])
    )
