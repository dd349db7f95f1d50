"""Routes of the notices."""

from django.urls import path

from shuzhuan.apps.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.listing, name="list"),
    path("notices/<int:pk>/", views.page, name="page"),
    path("work/notices/", views.desk, name="desk"),
    path("work/notices/new/", views.write, name="write"),
    path("work/notices/<int:pk>/", views.sheet, name="sheet"),
    path("work/notices/<int:pk>/change/", views.change, name="change"),
    path("work/notices/<int:pk>/publish/", views.publish, name="publish"),
    path("work/notices/<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("work/notices/<int:pk>/revise/", views.revise, name="revise"),
]
