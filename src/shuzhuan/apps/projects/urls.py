"""Routes of projects."""

from django.urls import path

from shuzhuan.apps.projects.views import act, page

app_name = "projects"
urlpatterns = [
    path("projects/<int:pk>/", page.page, name="page"),
    # Last of its kind: it takes every word after the number.
    path("projects/<int:pk>/<slug:action>/", act.act, name="act"),
]
