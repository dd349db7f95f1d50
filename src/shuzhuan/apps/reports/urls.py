"""Routes of reports."""

from django.urls import path

from shuzhuan.apps.reports.views import flow, leader, ledger, public

app_name = "reports"
urlpatterns = [
    path("leader/", leader.page, name="leader"),
    path("leader/pace/", leader.pace_page, name="pace"),
    path("leader/list/<slug:key>/", leader.figure, name="figure"),
    path("leader/report.pdf", leader.report, name="report"),
    path("work/ledger-book/", ledger.page, name="ledger"),
    path("work/ledger-book/export/", ledger.export, name="ledger_export"),
    path("work/ledger-book/<int:pk>/", ledger.project, name="ledger_project"),
    path("disclosure/", public.disclosure, name="disclosure"),
    path("batches/<int:pk>/flow/", flow.batch, name="flow"),
    path("batches/<int:pk>/flow.<slug:kind>", flow.batch_file, name="flow_file"),
    path("work/flow/", flow.packs, name="pack_flows"),
    path("work/flow/<slug:pack>/", flow.pack, name="pack_flow"),
    path("work/flow/<slug:pack>.<slug:kind>", flow.pack_file, name="pack_flow_file"),
]
