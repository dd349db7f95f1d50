"""Routes of projects."""

from django.urls import path

from shuzhuan.apps.projects.views import (
    act,
    bulk,
    filing,
    firm,
    mine,
    own_money,
    page,
    queue,
    work,
)

app_name = "projects"
urlpatterns = [
    # The office's queue
    path("work/projects/", queue.queue, name="queue"),
    path("work/projects/export/", queue.export, name="export"),
    path("work/projects/together/<slug:action>/", bulk.confirm, name="bulk"),
    # The enterprise's own pages
    path("my/projects/", mine.listing, name="mine"),
    path("my/money/", own_money.page, name="own_money"),
    path("my/projects/lines-template.xlsx", work.template, name="lines_template"),
    path("my/projects/start/<int:pk>/", mine.start, name="start"),
    path("my/projects/<int:pk>/filing/", filing.page, name="filing"),
    path("my/projects/<int:pk>/receipt/", filing.receipt, name="receipt"),
    path("my/projects/<int:pk>/receipt/file/", filing.receipt_file, name="receipt_file"),
    path("my/projects/<int:pk>/contract/", work.contract, name="contract"),
    path("my/projects/<int:pk>/lines/", work.lines, name="lines"),
    path("my/projects/<int:pk>/lines/one/", work.line, name="line"),
    path("my/projects/<int:pk>/lines/import/", work.take_in, name="lines_import"),
    path("my/projects/<int:pk>/lines/export/", work.export, name="lines_export"),
    path("my/projects/<int:pk>/acceptance/", work.acceptance, name="acceptance"),
    path("my/projects/<int:pk>/do/<slug:action>/", firm.act, name="firm_act"),
    path("projects/<int:pk>/", page.page, name="page"),
    # Last of its kind: it takes every word after the number.
    path("projects/<int:pk>/<slug:action>/", act.act, name="act"),
]
