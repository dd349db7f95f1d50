"""One section of the archive: shown, saved, kept as a draft while somebody types."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.enterprises.actions import save_draft as drafting
from shuzhuan.apps.enterprises.actions.save_section import Saved, save_section
from shuzhuan.apps.enterprises.forms.sections import SectionForm
from shuzhuan.apps.enterprises.models import Draft, Enterprise, SectionState
from shuzhuan.apps.enterprises.queries.archive import own_enterprise
from shuzhuan.apps.enterprises.sections import SECTIONS, Section
from shuzhuan.apps.enterprises.views import parsing
from shuzhuan.apps.enterprises.views.conflict import conflict


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Show a section, or save it."""
    actor, section = actor_of_request(request), _section(key)
    enterprise = own_enterprise(actor)
    if request.method != "POST":
        return _show(request, actor, enterprise, section)
    if actor.role not in section.writers:
        raise PermissionDenied
    if request.POST.get("do") == "discard":
        drafting.drop_draft(actor, enterprise, section.key)
        messages.success(request, "草稿已放弃，下面是档案里保存的内容。")
        return redirect("enterprises:section", key)
    now = section.load(enterprise)
    mine, before = parsing.resolved(request, parsing.typed(request, now), now)
    if request.POST.get("do") == "draft":
        drafting.save_draft(actor, enterprise, section.key, mine, before, _version(request))
        messages.success(request, "已存为草稿，还没有写进档案。")
        return redirect("enterprises:section", key)
    saved = save_section(actor, enterprise, section, mine, before)
    if saved.stored:
        messages.success(request, _told(section, saved))
        return redirect(f"{reverse('enterprises:archive')}?saved={section.key}")
    drafting.save_draft(actor, enterprise, section.key, mine, before, _version(request))
    if saved.conflicts:
        return conflict(request, section.title, saved, mine, now)
    return _show(request, actor, enterprise, section, saved.form, before)


@require_POST
def draft(request: HttpRequest, key: str) -> HttpResponse:
    """Keep what is being typed; answers with one line that says so."""
    actor, section = actor_of_request(request), _section(key)
    if actor.role not in section.writers:
        raise PermissionDenied
    enterprise = own_enterprise(actor)
    names = list(section.load(enterprise))
    kept = drafting.save_draft(
        actor,
        enterprise,
        section.key,
        parsing.typed(request, names),
        parsing.original(request, names),
        _version(request),
    )
    return render(request, "enterprises/draft_kept.html", {"draft": kept})


def _section(key: str) -> Section:
    section = SECTIONS.get(key)
    if section is None:
        raise Http404
    return section


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0  # noqa: PLR2004


def _show(
    request: HttpRequest,
    actor: Actor,
    enterprise: Enterprise,
    section: Section,
    form: SectionForm | None = None,
    before: dict[str, str] | None = None,
) -> HttpResponse:
    """The form: with its mistakes, or with the draft, or with what is stored."""
    now = section.load(enterprise)
    state = _state(actor, section)
    draft = None
    if form is None:
        draft = visible(actor, Draft).filter(section=section.key).first()
        typed, before = drafting.read(draft) if draft is not None else (now, now)
        form = section.form(initial={**now, **typed}, enterprise=enterprise)
    writes = actor.role in section.writers
    if not writes:
        for field in form.fields.values():
            field.disabled = True
    keys = list(SECTIONS)
    at = keys.index(section.key)
    context = {
        "here": "archive",
        "enterprise": enterprise,
        "section": section,
        "form": form,
        "before": [(parsing.WAS + name, text) for name, text in (before or now).items()],
        "draft": draft,
        "state": state,
        "writes": writes,
        "next": SECTIONS[keys[at + 1]] if at + 1 < len(keys) else None,
        "groups": form.groups() if hasattr(form, "groups") else None,
        "head": form.head() if hasattr(form, "head") else (),
    }
    return render(request, "enterprises/section.html", context)


def _state(actor: Actor, section: Section) -> SectionState | None:
    rows = visible(actor, SectionState).select_related("saved_by")
    return rows.filter(section=section.key).first()


def _told(section: Section, saved: Saved) -> str:
    text = f"“{section.title}”已保存。"
    if saved.merged:
        text += f"{saved.by}刚才改的{'、'.join(saved.merged)}也保留了。"
    return text
