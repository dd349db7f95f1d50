"""Every public page answers, keeps to itself and carries the strict headers."""

import re

import pytest
from django.test import Client, override_settings
from django.urls import reverse

ROUTES = (
    "site:home",
    "site:components",
    "policies:library",
    "policies:calculator",
    "policies:batch",
    "notices:list",
)
OUTSIDE = re.compile(
    r"""(?:src|href|action|srcset|poster|data)\s*=\s*["']\s*(?:https?:)?//""", re.I
)
INLINE = re.compile(r"""<style\b|\sstyle\s*=|\son[a-z]+\s*=|javascript:""", re.I)
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.I | re.S)

pytestmark = pytest.mark.django_db


def page(client: Client, route: str) -> str:
    response = client.get(reverse(route))
    assert response.status_code == 200, route
    return response.content.decode()


@pytest.mark.parametrize("route", ROUTES)
def test_page_has_one_heading_and_the_landmarks(client: Client, route: str) -> None:
    text = page(client, route)
    assert text.count("<h1") == 1
    assert '<html lang="zh-Hans-CN">' in text
    for landmark in (
        'class="skip" href="#content"',
        '<main id="content"',
        "<header",
        "<footer",
        "<nav",
    ):
        assert landmark in text, landmark


def faults(text: str) -> list[str]:
    """Name what a page would load from elsewhere or run inline."""
    found = OUTSIDE.findall(text) + INLINE.findall(text)
    for script in SCRIPT.finditer(text):
        if (
            "src=" not in script["attributes"]
            and 'type="application/json"' not in script["attributes"]
        ):
            found.append("inline script")
    return found


@pytest.mark.parametrize("route", ROUTES)
def test_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(
    client: Client, route: str
) -> None:
    assert faults(page(client, route)) == []


@pytest.mark.parametrize(
    "bad",
    [
        '<script src="https://cdn.example/x.js"></script>',
        "<link href='//cdn.example/x.css'>",
        "<p style='color:red'>",
        "<a onclick='x()'>",
        "<script>alert(1)</script>",
    ],
)
def test_control_the_check_sees_bad_pages(bad: str) -> None:
    assert faults(bad)


def test_headers_are_strict(client: Client) -> None:
    response = client.get(reverse("site:home"))
    policy = dict(
        part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == "'self'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"


def test_reading_a_public_page_sets_no_cookie(client: Client) -> None:
    assert not client.get(reverse("site:home")).cookies


@pytest.mark.parametrize("route", ["site:home", "site:components"])
def test_reading_pages_refuse_to_write(client: Client, route: str) -> None:
    assert client.post(reverse(route)).status_code == 405


def test_home_lists_the_five_places(client: Client) -> None:
    text = page(client, "site:home")
    for name in ("泉州市", "银川市", "红寺堡区", "彭阳县", "中宁县"):
        assert name in text


def test_current_entry_is_marked_once_a_navigation(client: Client) -> None:
    text = page(client, "policies:library")
    assert len(re.findall(r'href="/policies/" aria-current="page"', text)) == 2
    assert 'href="/" aria-current="page"' not in text


class TestErrorPages:
    """Errors speak Chinese, say what to do next and show nothing of the inside."""

    def test_not_found(self, client: Client) -> None:
        response = client.get("/这里没有/")
        assert response.status_code == 404
        assert "没有找到这个页面" in response.content.decode()

    def test_bad_host(self, client: Client) -> None:
        response = client.get("/", headers={"host": "evil.example"})
        assert response.status_code == 400
        assert "请求有误" in response.content.decode()

    def test_form_without_token(self) -> None:
        from django.test import RequestFactory

        from shuzhuan.site.errors import csrf_failure

        response = csrf_failure(RequestFactory().post("/"), "reason: CSRF cookie not set.")
        assert response.status_code == 403
        text = response.content.decode()
        assert "页面已过期" in text
        assert "CSRF" not in text

    @override_settings(DEBUG=False)
    def test_server_error_hides_the_reason(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken() -> tuple[()]:
            raise RuntimeError("secret-of-the-inside")

        monkeypatch.setattr("shuzhuan.site.views.places", broken)
        client.raise_request_exception = False
        response = client.get("/")
        assert response.status_code == 500
        text = response.content.decode()
        assert "系统出错了" in text
        assert "secret-of-the-inside" not in text

    def test_forbidden(self) -> None:
        from django.test import RequestFactory

        from shuzhuan.site.errors import forbidden

        response = forbidden(RequestFactory().get("/"))
        assert response.status_code == 403
        assert "没有权限" in response.content.decode()


def test_a_wrong_form_names_every_field_and_leads_to_it(client: Client) -> None:
    text = page(client, "site:components")
    summary = text[text.index("data-error-summary") :]
    targets = re.findall(r'<li><a href="#([^"]+)"', summary[: summary.index("</ul>")])
    assert len(targets) == 3
    for target in targets:
        assert f'id="{target}"' in text, target
