"""Routes of the audit log."""

from django.urls import path

from shuzhuan.apps.audit import views

app_name = "audit"
urlpatterns = [
    path("audit/", views.log, name="log"),
    path("audit/entries/<int:pk>/receipt.json", views.receipt_file, name="receipt"),
    path("audit/chains/<int:pk>/export.jsonl", views.export, name="export"),
    path("audit/chains/<int:pk>/checkpoint/", views.make_checkpoint, name="checkpoint"),
    path("audit/verifier.py", views.verifier_file, name="verifier"),
    path("audit/checkpoints/", views.checkpoints, name="checkpoints"),
]
