"""Routes of the working place."""

from django.urls import path

from shuzhuan.apps.workbench.views import bulk, home, imports, listing, pilots

app_name = "workbench"
urlpatterns = [
    path("work/", home.home, name="home"),
    path("work/enterprises/", listing.page, name="enterprises"),
    path("work/enterprises/export/", listing.export, name="export"),
    path("work/views/", listing.view_save, name="view_save"),
    path("work/views/<int:pk>/delete/", listing.view_delete, name="view_delete"),
    path("work/bulk/<slug:action>/", bulk.confirm, name="bulk"),
    path("work/runs/<int:pk>/", bulk.run, name="bulk_run"),
    path("work/import/", imports.start, name="import"),
    path("work/import/template/", imports.template, name="import_template"),
    path("work/import/<int:pk>/", imports.run, name="import_run"),
    path("work/import/<int:pk>/commit/", imports.commit, name="import_commit"),
    path("work/import/<int:pk>/drop/", imports.drop, name="import_drop"),
    path("work/import/<int:pk>/marked/", imports.marked, name="import_marked"),
    path("work/pilots/", pilots.page, name="pilots"),
]
