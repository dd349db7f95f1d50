"""Routes of assessments."""

from django.urls import path

from shuzhuan.apps.assessments.views import visits

app_name = "assessments"
urlpatterns = [
    # On site
    path("visits/", visits.listing, name="visits"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
]
