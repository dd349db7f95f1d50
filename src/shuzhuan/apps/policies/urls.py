"""Routes of the public policy pages."""

from django.urls import path

from shuzhuan.apps.policies import views

app_name = "policies"
urlpatterns = [
    path("policies/", views.library, name="library"),
    path("calc/", views.calculator, name="calculator"),
    path("batch/", views.batch, name="batch"),
]
