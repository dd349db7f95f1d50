"""Routes of projects."""

from django.urls import path

from shuzhuan.apps.projects.views import act, bulk, page, queue

app_name = "projects"
urlpatterns = [
    # The office's queue
    path("work/projects/", queue.queue, name="queue"),
    path("work/projects/export/", queue.export, name="export"),
    path("work/projects/together/<slug:action>/", bulk.confirm, name="bulk"),
    path("projects/<int:pk>/", page.page, name="page"),
    # Last of its kind: it takes every word after the number.
    path("projects/<int:pk>/<slug:action>/", act.act, name="act"),
]
