"""What everybody reads and does without signing in."""

from __future__ import annotations

from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from shuzhuan.apps.access.request import actor_of_request
from shuzhuan.apps.accounts.roles import OFFICERS
from shuzhuan.apps.evidence.actions.upload import Incoming
from shuzhuan.apps.publicity import queries
from shuzhuan.apps.publicity.actions import look_up
from shuzhuan.apps.publicity.actions import object as objecting
from shuzhuan.apps.publicity.book import workbook
from shuzhuan.apps.publicity.forms import AnswerForm, ObjectionForm
from shuzhuan.apps.publicity.models import Kind
from shuzhuan.apps.signin.address import address_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Everything published, running first, by place, kind and year: 公示."""
    asked = queries.read(request.GET.dict())
    page, places, years = queries.listing(asked, request.GET.get("page"))
    today = timezone.localdate()
    context = {
        "page": page,
        "rows": [(each, queries.standing(each, today)) for each in page.object_list],
        "places": places,
        "years": years,
        "kinds": Kind.choices,
        "asked": asked,
        "works": actor_of_request(request).role in OFFICERS,
    }
    return render(request, "publicity/list.html", context)


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One publicity with its table."""
    shown = queries.public_or_404(pk, request.GET.get("page"))
    context = {"shown": shown, "publicity": shown.publicity, "works": _works(request, shown)}
    return render(request, "publicity/page.html", context)


def _works(request: HttpRequest, shown: queries.Shown) -> bool:
    actor = actor_of_request(request)
    return actor.role in OFFICERS and actor.region_id == shown.publicity.place_id


@require_safe
def feed(request: HttpRequest, pk: int) -> HttpResponse:
    """One publicity as data."""
    data = queries.feed(*queries.everything_or_404(pk))
    return JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_safe
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """One publicity as a workbook."""
    publicity, items = queries.everything_or_404(pk)
    response = HttpResponse(workbook(publicity, items), content_type=XLSX)
    name = quote(f"{publicity.number}.xlsx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def object_to(request: HttpRequest, pk: int) -> HttpResponse:
    """The form of an objection, and its receipt; sending it again shows the same receipt."""
    item, row, standing = queries.item_or_404(pk)
    sent = request.method == "POST"
    form = ObjectionForm(request.POST if sent else None, request.FILES if sent else None)
    context = {
        "form": form,
        "item": item,
        "row": row,
        "publicity": item.publicity,
        "standing": standing,
        "open": standing.open and row.heard,
    }
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("name", "contact", "text", "key")}
        files = [Incoming(file.name, file.file) for file in form.cleaned_data["attachments"]]
        try:
            if getattr(request, "upload_too_large", False):
                raise ValidationError({"attachments": "附件太大，没有收到。请压缩后再选。"})
            objection = objecting.object_to(
                actor_of_request(request), pk, **given, address=address_of(request), files=files
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            context |= {"objection": objection, "files": objection.files.count()}
            return render(request, "publicity/receipt.html", context)
    # A browser does not send chosen files a second time.
    context["choose_again"] = bool(form.errors and request.FILES)
    return render(request, "publicity/object.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """Look up what became of an objection, by number and code."""
    form = AnswerForm(request.POST if request.method == "POST" else None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        number, code = form.cleaned_data["number"], form.cleaned_data["code"]
        try:
            context["objection"] = look_up.look_up(actor_of_request(request), number, code)
        except ValidationError as error:
            form.add_error(None, error)
    return render(request, "publicity/answer.html", context)
