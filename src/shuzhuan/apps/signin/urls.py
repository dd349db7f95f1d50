"""Routes of the door and of one's own account."""

from django.urls import path

from shuzhuan.apps.signin.views import account, door, factor, oidc

app_name = "signin"
urlpatterns = [
    path("sign-in/", door.door, name="door"),
    path("sign-in/second-factor/", factor.second_factor, name="second_factor"),
    path("sign-in/role/", door.choose, name="choose"),
    path("sign-in/oidc/", oidc.start, name="oidc"),
    path("sign-in/oidc/back/", oidc.back, name="oidc_back"),
    path("sign-out/", door.leave, name="leave"),
    path("activate/", door.set_password, name="set_password"),
    path("activate/<str:token>/", door.link, name="link"),
    path("account/", account.account, name="account"),
    path("account/password/", account.password, name="password"),
    path("account/second-factor/", factor.my_factor, name="my_factor"),
    path("account/sessions/", account.sessions, name="sessions"),
]
