"""The operator's indicator sets: list, page, import, figures, comparison, publication."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shuzhuan.apps.access.actor import Actor
from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.access.scope import visible
from shuzhuan.apps.assessments.actions import set_drafts as actions
from shuzhuan.apps.assessments.forms.sets import (
    LEVELS,
    OPTIONS,
    PARTS,
    SCENARIOS,
    CheckForm,
    CopyForm,
    FiguresForm,
    ImportForm,
    RetireForm,
    key_of,
    path_of,
)
from shuzhuan.apps.assessments.models import Assessment, PublishedSet, SetState
from shuzhuan.apps.assessments.queries import sets as queries
from shuzhuan.apps.assessments.queries.impact import impact
from shuzhuan.apps.assessments.queries.sheet import parsed
from shuzhuan.apps.assessments.set_figures import FigureMistakes, name_of
from shuzhuan.apps.assessments.set_import import FileRefused, is_own_format, read_upload

UNPROCESSABLE = 422
NONE = "none"


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All sets that concern the office: 评测指标."""
    rows = queries.listing(actor_of_request(request))
    return render(request, "assessments/sets/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
def bring(request: HttpRequest) -> HttpResponse:
    """Import a file as a draft, or say everything that is wrong with it."""
    actor = actor_of_request(request)
    bases = _bases(actor)
    choices = [(str(row.pk), f"{row.title} {row.version}") for row in bases.values()]
    choices.append((NONE, "不以任何一版为底（别的行业）"))
    posted = request.method == "POST"
    form = ImportForm(
        *((request.POST, request.FILES) if posted else ()), bases=choices,
        initial={"base": choices[0][0]},
    )  # fmt: skip
    refused: FileRefused | None = None
    if posted and form.is_valid():
        try:
            return _brought(request, actor, form.cleaned_data, bases)
        except FileRefused as error:
            refused = error
        except ValidationError as error:
            _into(form, error)
    context = {"form": form, "refused": refused}
    status = UNPROCESSABLE if posted else None
    return render(request, "assessments/sets/import.html", context, status=status)


def _bases(actor: Actor) -> dict[str, PublishedSet]:
    """What is published and reachable, the set in force first."""
    rows = list(queries.reachable(actor).filter(state=SetState.PUBLISHED))
    holding = queries.in_force(actor, rows)
    rows.sort(key=lambda row: (row.pk not in holding, -row.pk))
    return {str(row.pk): row for row in rows}


def _brought(
    request: HttpRequest, actor: Actor, cleaned: dict[str, Any], bases: dict[str, PublishedSet]
) -> HttpResponse:
    base = bases.get(cleaned["base"])
    upload = cleaned["file"]
    content = upload.read()
    if base is None and not cleaned["sector"] and not is_own_format(content):
        raise ValidationError({"sector": "没有作底的一版，请写明适用行业。"})
    indicators = read_upload(
        upload.name,
        content,
        set_id=cleaned["set_id"] or (base.set_id if base else "imported"),
        version=cleaned["version"] or "1.0.0",
        base=parsed(base) if base else None,
        verified=bool(cleaned["compared_with"]),
        sector=cleaned["sector"],
    )
    row = actions.import_draft(
        actor,
        indicators,
        base=base,
        note=cleaned["note"],
        compared_with=cleaned["compared_with"],
    )
    messages.success(request, "已导入为草稿，还没有生效。看过数字和影响，再请第二个人发布。")
    return redirect("assessments:set_page", row.pk)


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One set as a person reads it, with where it comes from and what can be done."""
    return render(request, "assessments/sets/page.html", _page(request, pk))


def _page(request: HttpRequest, pk: int) -> dict[str, Any]:
    actor = actor_of_request(request)
    row = _row(actor, pk)
    ours = row.place_id in actor.place_ids
    return {
        "row": row,
        "read": queries.readable(parsed(row)),
        "differences": queries.differences(row),
        "checks": queries.checks(row),
        "sheets": visible(actor, Assessment).filter(indicators_id=pk).count(),
        "in_force": pk in queries.in_force(actor, list(queries.reachable(actor))),
        "editable": ours and row.state == SetState.DRAFT,
        "retirable": ours and row.state == SetState.PUBLISHED,
        "wrote": actor.user_id in (row.created_by_id, row.changed_by_id),
        "parts": PARTS,
        "copy_form": CopyForm(),
        "retire_form": RetireForm(),
    }


def _row(actor: Actor, pk: int) -> PublishedSet:
    """A set that the actor may see, wherever it holds, or 404."""
    people = ("created_by", "changed_by", "published_by", "retired_by")
    rows = visible(actor, PublishedSet).select_related("place", "based_on", *people)
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int, part: str) -> HttpResponse:
    """Change one part of a draft's figures."""
    actor = actor_of_request(request)
    row = _row(actor, pk)
    if part not in dict(PARTS):
        raise Http404
    if row.state != SetState.DRAFT:
        messages.error(request, actions.NOT_DRAFT)
        return redirect("assessments:set_page", pk)
    posted = request.method == "POST"
    form = FiguresForm(
        request.POST if posted else None, indicators=parsed(row), part=part,
        initial={"seen": row.edits},
    )  # fmt: skip
    if posted and form.is_valid():
        try:
            actions.change_figures(actor, pk, form.cleaned_data["seen"], form.changes())
        except FigureMistakes as error:
            _place_mistakes(form, error)
        except ValidationError as error:
            _into(form, error)
        else:
            messages.success(request, "已保存。改过的项目标上了“待核对官方原文”。")
            return redirect("assessments:set_page", pk)
    context = {"row": row, "form": form, "part": part, "parts": PARTS, "groups": _groups(form)}
    status = UNPROCESSABLE if form.errors else None
    return render(request, "assessments/sets/edit.html", context, status=status)


def _place_mistakes(form: FiguresForm, error: FigureMistakes) -> None:
    for path, text in error.problems:
        name = key_of(path)
        if name not in form.fields:
            name = key_of((*path, "points"))  # a whole level
        if name in form.fields:
            form.add_error(name, text)
        else:
            form.add_error(None, f"{name_of(form.indicators, path)}：{text}")


def _groups(form: FiguresForm) -> list[dict[str, Any]]:
    """The fields as the page lays them out: a row for each level, scenario or question."""
    indicators = form.indicators
    if form.part == LEVELS:
        keys = ("points", "scenarios.at", "scenarios.count", "scenarios.binding")
        return [
            {
                "title": indicators.level_names[rule.level],
                "cells": [
                    (label, form[f"levels.{i}.{key}"])
                    for key, label in zip(
                        keys, ("总分至少", "场景级别", "场景个数", "其中约束性"), strict=True
                    )
                ],
            }
            for i, rule in enumerate(indicators.levels)
        ]
    if form.part == SCENARIOS:
        return [
            {"title": f"{n}. {s.name}", "area": s.area, "field": form[f"scenarios.{n - 1}.binding"]}
            for n, s in enumerate(indicators.scenarios, 1)
        ]
    assert form.part == OPTIONS
    return [
        {
            "title": f"第{n}题 {q.title}",
            "question": q,
            "cells": [
                (o.key, q.option_text(o.key), form[f"questions.{n - 1}.options.{j}.percent"])
                for j, o in enumerate(q.options)
            ],
        }
        for n, q in enumerate(indicators.questions, 1)
        if q.options
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which items somebody compared with the official text."""
    actor = actor_of_request(request)
    row = _row(actor, pk)
    if row.state != SetState.DRAFT:
        messages.error(request, f"{actions.NOT_DRAFT}核对后的内容也用新版本发布。")
        return redirect("assessments:set_page", pk)
    posted = request.method == "POST"
    form = CheckForm(
        request.POST if posted else None, indicators=parsed(row),
        initial={"seen": row.edits, "checker": actor.name},
    )  # fmt: skip
    if posted and form.is_valid():
        cleaned = form.cleaned_data
        paths = [path_of(key) for key in cleaned["items"]]
        try:
            actions.clear_marks(
                actor, pk, cleaned["seen"], paths, cleaned["document"], cleaned["checker"]
            )
        except ValidationError as error:
            _into(form, error)
        else:
            messages.success(request, f"已记下 {len(paths)} 项核对。")
            return redirect("assessments:set_page", pk)
    status = UNPROCESSABLE if form.errors else None
    return render(request, "assessments/sets/check.html", {"row": row, "form": form}, status=status)


@require_safe
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the levels of today would be under the set."""
    actor = actor_of_request(request)
    row = _row(actor, pk)
    context = {"row": row, "found": impact(actor, row)}
    return render(request, "assessments/sets/impact.html", context)


@require_safe
def download(request: HttpRequest, pk: int) -> HttpResponse:
    """The set as a file that another platform imports."""
    row = _row(actor_of_request(request), pk)
    answer = HttpResponse(row.document, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.set_id}-{row.version}.json"'
    return answer


@require_POST
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a new version."""
    actor = actor_of_request(request)
    row = _row(actor, pk)
    form = CopyForm(request.POST)
    if form.is_valid():
        cleaned = form.cleaned_data
        try:
            made = actions.copy_to_draft(actor, row.pk, cleaned["version"], cleaned["note"])
        except ValidationError as error:
            _into(form, error)
        else:
            messages.success(request, f"已从 {row.version} 版拟出草稿，还没有生效。")
            return redirect("assessments:set_page", made.pk)
    context = {**_page(request, pk), "copy_form": form}
    return render(request, "assessments/sets/page.html", context, status=UNPROCESSABLE)


@require_POST
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a draft hold from now on."""
    actor = actor_of_request(request)
    _row(actor, pk)
    try:
        row = actions.publish_set(actor, pk, _seen(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, f"{row.version} 版已发布。此后开始的评测用这一版。")
    return redirect("assessments:set_page", pk)


@require_POST
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin no more sheets under a set."""
    actor = actor_of_request(request)
    _row(actor, pk)
    form = RetireForm(request.POST)
    if form.is_valid():
        try:
            actions.retire_set(actor, pk, form.cleaned_data["reason"])
        except ValidationError as error:
            messages.error(request, error.messages[0])
        else:
            messages.success(request, "已停用。已经开始和提交的评测不受影响。")
        return redirect("assessments:set_page", pk)
    context = {**_page(request, pk), "retire_form": form}
    return render(request, "assessments/sets/page.html", context, status=UNPROCESSABLE)


@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    actor = actor_of_request(request)
    _row(actor, pk)
    try:
        actions.discard_draft(actor, pk, _seen(request))
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("assessments:set_page", pk)
    messages.success(request, "草稿已作废。")
    return redirect("assessments:sets")


def _seen(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isdigit() else 0


def _into(form: Any, error: ValidationError) -> None:
    """Put what an action refused beside the field that it names, else above the form."""
    if hasattr(error, "error_dict"):
        for name, errors in error.message_dict.items():
            for text in errors:
                form.add_error(name if name in form.fields else None, text)
    else:
        form.add_error(None, error.messages[0])
