"""Routes of the system and the security administrator."""

from django.urls import path

from shuzhuan.apps.administration.views import people, regions

app_name = "administration"
urlpatterns = [
    path("system/regions/", regions.tree, name="regions"),
    path("system/regions/<int:pk>/", regions.change, name="region"),
    path("system/regions/<int:pk>/add/", regions.add, name="region_add"),
    path("security/people/", people.people, name="people"),
    path("security/people/invite/", people.invite_person, name="invite"),
    path("security/people/<int:pk>/", people.person, name="person"),
    path("security/sessions/", people.sessions, name="sessions"),
]
