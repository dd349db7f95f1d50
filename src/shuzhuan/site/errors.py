"""Every page that says no: calm, in Chinese, and the same for people and for parts of pages.

Whatever refuses without a page of its own (a method that a route does not know, an answer with a
bare status) gets one here. The page of a failure needs no database, no session and nobody signed
in: it may be shown because one of them is gone. Its reference number stands in the log, too.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string

REFERENCE_BYTES = 4
FIRST_REFUSAL = 400
_TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
# Title and advice for each status.
WORDS = {
    400: ("请求有误", "网址或提交的内容不完整。请返回上一页，重新填写后再提交。"),
    403: ("没有权限", "您的账号不能进行这项操作。如需办理，请联系本地主管部门开通权限。"),
    404: ("没有找到这个页面", "网址可能写错了，或者内容已经移走。可以从下面的入口重新开始。"),
    405: ("这个网址不能这样用", "没有改动任何内容。请从页面上的按钮或链接重新进入。"),
    413: ("提交的内容太多", "一次提交的文字或项目超出了上限，没有保存。请分几次提交。"),
    429: ("操作太频繁", "短时间内提交的次数太多，这一次没有办理。请过几分钟再试。"),
}


def page(request: HttpRequest, status: int, title: str = "", advice: str = "") -> HttpResponse:
    """The page for a status; words of its own where there are any, else those of a bad request."""
    usual = WORDS.get(status, WORDS[400])
    context = {"status": status, "title": title or usual[0], "advice": advice or usual[1]}
    return render(request, "site/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself cannot be understood; 413 where it brings too much."""
    return page(request, 413 if isinstance(exception, _TOO_MUCH) else 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person may not do this."""
    return page(request, 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same answer whether the record is missing or belongs to somebody else."""
    return page(request, 404)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without a valid token, which nearly always means an old page."""
    advice = (
        "为保护您的信息，表单打开太久或浏览器禁用了 Cookie 时不能提交。请返回上一页，刷新后再提交。"
    )
    return page(request, 403, "页面已过期", advice)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; nothing that was confirmed is lost."""
    reference = secrets.token_hex(REFERENCE_BYTES).upper()
    request.reference = reference  # type: ignore[attr-defined]
    # Without the request: no context of a page is asked for, so no database either.
    return HttpResponse(
        render_to_string("site/server_error.html", {"reference": reference}), status=500
    )


class ReferenceFilter(logging.Filter):
    """Puts the reference number of the page before the report of the failure."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through."""
        reference = getattr(getattr(record, "request", None), "reference", "")
        if reference:
            record.msg = f"参考号 {reference} {record.msg}"
        return True


class ErrorPageMiddleware:
    """Gives a page to every refusal that came without one. Stands last, next to the views."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.get_response(request)
        bare = isinstance(answer, HttpResponse) and not answer.content
        if not bare or answer.status_code < FIRST_REFUSAL or "HX-Redirect" in answer:
            return answer
        told = page(request, answer.status_code)
        for name, value in answer.items():
            if name != "Content-Type":
                told[name] = value  # such as Allow
        return told
