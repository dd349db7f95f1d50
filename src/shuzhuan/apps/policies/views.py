"""Views of the public policy pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """政策库: the documents, clause by clause."""
    return render(request, "policies/opening.html", {"title": "政策库"})


@require_safe
def calculator(request: HttpRequest) -> HttpResponse:
    """算一算: what one enterprise would get."""
    return render(request, "policies/opening.html", {"title": "算一算"})


@require_safe
def batch(request: HttpRequest) -> HttpResponse:
    """批量测算: one row per enterprise and clause."""
    return render(request, "policies/opening.html", {"title": "批量测算"})
