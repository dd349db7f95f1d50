"""批量测算: filled in below."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render


def start(request: HttpRequest) -> HttpResponse:
    return render(request, "policies/batch.html", {})


def template(request: HttpRequest, place: str) -> HttpResponse:
    raise Http404


def job(request: HttpRequest, token: str) -> HttpResponse:
    raise Http404


def download(request: HttpRequest, token: str, which: str) -> HttpResponse:
    raise Http404
