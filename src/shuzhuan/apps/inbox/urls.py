"""Routes of inbox."""

from django.urls import path

from shuzhuan.apps.inbox.views import mail, messages, outbox

app_name = "inbox"
urlpatterns = [
    path("inbox/", messages.listing, name="list"),
    path("inbox/read/", messages.read_everything, name="read_all"),
    path("inbox/<int:pk>/", messages.page, name="message"),
    path("inbox/<int:pk>/open/", messages.follow, name="open"),
    path("account/mail/", mail.settings_page, name="mail"),
    path("account/mail/confirm/<str:token>/", mail.confirm_page, name="confirm"),
    path("administration/mail/", outbox.page, name="outbox"),
]
