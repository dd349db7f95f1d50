"""Routes of assessments."""

from django.urls import path

from shuzhuan.apps.assessments.views import filling, proofs, results, visits

app_name = "assessments"
urlpatterns = [
    # The enterprise itself
    path("my/level/", filling.home, name="self_home"),
    path("my/level/start/", filling.begin, name="self_start"),
    path("my/level/<int:pk>/", filling.overview, name="self_sheet"),
    path("my/level/<int:pk>/every/", filling.every, name="self_every"),
    path("my/level/<int:pk>/keep/", filling.keep, name="self_keep"),
    path("my/level/<int:pk>/commit/", results.commit, name="self_commit"),
    path("my/level/<int:pk>/withdraw/", results.take_back, name="self_withdraw"),
    path("my/level/<int:pk>/<slug:item>/", filling.item, name="self_item"),
    path("my/level/<int:pk>/<slug:item>/evidence/", proofs.page, name="self_evidence"),
    # Any kind, for whoever may see it
    path("levels/<int:pk>/", results.result, name="result"),
    # On site
    path("visits/", visits.listing, name="visits"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
]
