"""Routes of the enterprise archive."""

from django.urls import path

from shuzhuan.apps.enterprises.views import (
    colleagues,
    officers,
    profile,
    qualifications,
    register,
    sections,
    workbench,
)

app_name = "enterprises"
urlpatterns = [
    path("my/", workbench.home, name="home"),
    path("my/archive/", workbench.archive, name="archive"),
    path("my/archive/<slug:key>/", sections.page, name="section"),
    path("my/archive/<slug:key>/draft/", sections.draft, name="draft"),
    path("my/qualifications/", qualifications.listing, name="qualifications"),
    path("my/qualifications/new/", qualifications.add, name="qualification_add"),
    path("my/qualifications/<int:pk>/", qualifications.change, name="qualification"),
    path(
        "my/qualifications/<int:pk>/withdraw/",
        qualifications.withdraw,
        name="qualification_withdraw",
    ),
    path("my/colleagues/", colleagues.page, name="colleagues"),
    path("my/policies/", profile.own_policies, name="own_policies"),
    path("enterprises/register/", register.page, name="register"),
    path("enterprises/<int:pk>/", profile.page, name="profile"),
    path("enterprises/<int:pk>/policies/", profile.policies, name="policies"),
    path("enterprises/<int:pk>/survey/", officers.survey, name="survey"),
    path("enterprises/<int:pk>/pilot/", officers.pilot, name="pilot"),
]
