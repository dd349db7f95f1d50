"""Routes of pilots."""

from django.urls import path

from shuzhuan.apps.pilots.views import office, public

app_name = "pilots"
urlpatterns = [
    path("batches/", public.batches, name="batches"),
    path("batches/<int:pk>/", public.batch, name="batch"),
    # The office
    path("work/batches/", office.desk, name="desk"),
    path("work/batches/pilots/new/", office.pilot_new, name="pilot_new"),
    path("work/batches/pilots/<int:pk>/new/", office.batch_new, name="batch_new"),
    path("work/batches/<int:pk>/", office.sheet, name="sheet"),
    path("work/batches/<int:pk>/open/", office.batch_open, name="open"),
    path("work/batches/<int:pk>/close/", office.batch_close, name="close"),
]
