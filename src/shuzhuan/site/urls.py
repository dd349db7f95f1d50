"""All routes of the site."""

from django.urls import include, path

from shuzhuan.site import demo, errors, views

shell_urls = (
    [
        path("", views.home, name="home"),
        path("components/", views.components, name="components"),
        path("begin/", views.begin, name="begin"),
        path("demo/", demo.door, name="demo"),
        path("demo/<slug:key>/", demo.come_in, name="demo_enter"),
    ],
    "site",
)

urlpatterns = [
    path("", include(shell_urls)),
    path("", include("shuzhuan.apps.audit.urls")),
    path("", include("shuzhuan.apps.evidence.urls")),
    path("", include("shuzhuan.apps.signin.urls")),
    path("", include("shuzhuan.apps.administration.urls")),
    path("", include("shuzhuan.apps.enterprises.urls")),
    path("", include("shuzhuan.apps.vendors.urls")),
    path("", include("shuzhuan.apps.workbench.urls")),
    path("", include("shuzhuan.apps.notices.urls")),
    path("", include("shuzhuan.apps.policies.urls")),
    path("", include("shuzhuan.apps.inbox.urls")),
    path("", include("shuzhuan.apps.publicity.urls")),
    path("", include("shuzhuan.apps.funds.urls")),
    path("", include("shuzhuan.apps.assessments.urls")),
    path("", include("shuzhuan.apps.pilots.urls")),
    path("", include("shuzhuan.apps.projects.urls")),
    path("", include("shuzhuan.apps.reports.urls")),
]

handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
