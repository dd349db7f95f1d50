"""Routes of consent."""

from django.urls import path

from shuzhuan.apps.vendors import body_views, views

app_name = "vendors"
urlpatterns = [
    path("my/vendors/", views.given, name="given"),
    path("my/vendors/<int:pk>/", views.answer, name="answer"),
    path("my/vendors/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("vendor/", views.clients, name="clients"),
    path("vendor/request/", views.ask, name="request"),
    path("body/", body_views.own, name="body"),
    path("work/bodies/", body_views.listing, name="bodies"),
    path("work/bodies/<int:pk>/", body_views.page, name="body_record"),
]
