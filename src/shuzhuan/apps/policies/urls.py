"""Routes of the public policy pages."""

from django.urls import path

from shuzhuan.apps.policies.views import batch, calculator, documents, result

app_name = "policies"
urlpatterns = [
    path("policies/", documents.library, name="library"),
    path("policies/<slug:place>/", documents.document, name="document"),
    path("policies/<slug:place>/text/", documents.original_text, name="original"),
    path("policies/<slug:place>/<slug:clause>/", documents.clause, name="clause"),
    path("calc/", calculator.start, name="calculator"),
    path("calc/<slug:place>/", calculator.ask, name="calc"),
    path("calc/<slug:place>/echo/", calculator.echo, name="echo"),
    path("calc/<slug:place>/result/", result.page, name="result"),
    path("calc/<slug:place>/result.pdf", result.pdf, name="result_pdf"),
    path("calc/<slug:place>/result.json", result.document, name="result_json"),
    path("batch/", batch.start, name="batch"),
    path("batch/template/<slug:place>/", batch.template, name="batch_template"),
    path("batch/<str:token>/", batch.job, name="batch_job"),
    path("batch/<str:token>/<str:which>/", batch.download, name="batch_download"),
]
