"""Through the government's own sign-in service (OpenID Connect, code flow with PKCE)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from joserfc.errors import JoseError

from shuzhuan.apps.signin.actions.oidc import note_refused, sign_in_by_claims
from shuzhuan.apps.signin.address import address_of
from shuzhuan.apps.signin.entering import enter, safe_next
from shuzhuan.apps.signin.views.door import onward

NEXT = "oidc_next"
TIMEOUT_SECONDS = 10
FORBIDDEN = 403
UNAVAILABLE = 503
UNKNOWN = "统一身份认证成功，但这里还没有您的账号。请联系安全管理员开通。"
UNSAFE = "统一身份认证的应答没有通过核对，没有登录。请重新登录。"
AWAY = "统一身份认证暂时连不上，请稍后再试，或用登录名和密码登录。"


@lru_cache(maxsize=2)
def _service(issuer: str, client: str, secret: str) -> Any:
    return OAuth().register(
        "oidc",
        client_id=client,
        client_secret=secret,
        server_metadata_url=f"{issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def _configured() -> dict[str, str]:
    if settings.OIDC is None:
        raise Http404
    return dict(settings.OIDC)


@never_cache
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Send the person to the service: 统一身份认证登录."""
    conf = _configured()
    back = request.build_absolute_uri(resolve_url("signin:oidc_back"))
    request.session[NEXT] = safe_next(request)
    try:
        answer: HttpResponse = _service(
            conf["issuer"], conf["client"], conf["secret"]
        ).authorize_redirect(request, back)
    except (requests.RequestException, AuthlibBaseError, RuntimeError):
        return _refuse(request, AWAY, UNAVAILABLE)
    return answer


@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """Take the answer of the service; it works once, for the session that asked: 登录应答."""
    conf = _configured()
    wanted = str(request.session.pop(NEXT, ""))
    service = _service(conf["issuer"], conf["client"], conf["secret"])
    # Named here, because the library by itself accepts a foreign audience with our name as azp.
    claims_options = {
        "iss": {"essential": True, "value": conf["issuer"]},
        "aud": {"essential": True, "value": conf["client"]},
    }
    try:
        token = service.authorize_access_token(request, claims_options=claims_options)
        claims = token.get("userinfo")
    except (AuthlibBaseError, JoseError, ValueError, KeyError) as error:
        note_refused(address_of(request), type(error).__name__)
        return _refuse(request, UNSAFE, FORBIDDEN)
    except (requests.RequestException, RuntimeError) as error:
        note_refused(address_of(request), type(error).__name__)
        return _refuse(request, AWAY, UNAVAILABLE)
    if not claims:
        note_refused(address_of(request), "no id_token")
        return _refuse(request, UNSAFE, FORBIDDEN)
    user = sign_in_by_claims(claims, conf["claim"], address_of(request))
    if user is None:
        return _refuse(request, UNKNOWN, FORBIDDEN)
    enter(request, user)
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return onward(request, wanted if safe else resolve_url(settings.LOGIN_REDIRECT_URL))


def _refuse(request: HttpRequest, message: str, status: int) -> HttpResponse:
    return render(request, "signin/oidc_refused.html", {"message": message}, status=status)
