"""The portal's first page, the components page and the error pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from shuzhuan.apps.notices.queries import latest
from shuzhuan.apps.pilots.queries.guide import receiving
from shuzhuan.apps.publicity.queries import running
from shuzhuan.site import samples
from shuzhuan.site.places import places

RECEIVING_SHOWN = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show what the platform does and where to start: 首页."""
    today = timezone.localdate()
    listed = [(place, place.state_on(today)) for place in places()]
    context = {
        "places": listed,
        "notices": latest(),
        "receiving": receiving(today)[:RECEIVING_SHOWN],
        "running": running(today),
    }
    return render(request, "site/home.html", context)


@require_safe
def components(request: HttpRequest) -> HttpResponse:
    """Show every part of the pages with real content, for people who build pages: 组件."""
    return render(request, "site/components.html", samples.context(request.GET))


def _error(request: HttpRequest, status: int, title: str, advice: str) -> HttpResponse:
    context = {"status": status, "title": title, "advice": advice}
    return render(request, "site/error.html", context, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request itself cannot be understood."""
    return _error(
        request, 400, "请求有误", "网址或提交的内容不完整。请返回上一页，重新填写后再提交。"
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: the person may not do this."""
    return _error(
        request, 403, "没有权限", "您的账号不能进行这项操作。如需办理，请联系本地主管部门开通权限。"
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: the same answer whether the record is missing or belongs to somebody else."""
    return _error(
        request,
        404,
        "没有找到这个页面",
        "网址可能写错了，或者内容已经移走。可以从下面的入口重新开始。",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault; nothing that was confirmed is lost."""
    return _error(
        request,
        500,
        "系统出错了",
        "这是平台的问题，不是您的操作造成的。已经确认提交的内容不会丢失，请稍后再试。",
    )


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without a valid token, which nearly always means an old page."""
    return _error(
        request,
        403,
        "页面已过期",
        "为保护您的信息，表单打开太久或浏览器禁用了 Cookie 时不能提交。请返回上一页，刷新后再提交。",
    )
