"""Routes of publicity."""

from django.urls import path

from shuzhuan.apps.publicity.views import office, public

app_name = "publicity"
urlpatterns = [
    path("publicity/", public.listing, name="list"),
    path("publicity/answer/", public.answer, name="answer"),
    path("publicity/<int:pk>/", public.page, name="page"),
    path("publicity/<int:pk>.json", public.feed, name="feed"),
    path("publicity/<int:pk>.xlsx", public.book, name="book"),
    path("publicity/items/<int:pk>/object/", public.object_to, name="object"),
    path("work/publicity/", office.desk, name="desk"),
    path("work/publicity/<int:pk>/", office.sheet, name="sheet"),
    path("work/publicity/<int:pk>/close/", office.close, name="close"),
    path("work/publicity/<int:pk>/cancel/", office.cancel, name="cancel"),
    path("work/publicity/<int:pk>/recompute/", office.recompute, name="recompute"),
    path("work/publicity/items/<int:pk>/withdraw/", office.withdraw, name="withdraw"),
    path("work/publicity/objections/<int:pk>/", office.objection, name="objection"),
    path("work/publicity/objections/<int:pk>/decide/", office.decide, name="decide"),
    path("work/publicity/objections/<int:pk>/contact/", office.contact, name="contact"),
    path("work/publicity/objection-files/<int:pk>/", office.file, name="file"),
]
