"""Routes of the evidence store."""

from django.urls import path

from shuzhuan.apps.evidence.views import bundle, files, library

app_name = "evidence"
urlpatterns = [
    path("my/documents/", library.library, name="library"),
    path("my/documents/upload/", library.upload, name="upload"),
    path("my/documents/<int:pk>/", library.document, name="document"),
    path("my/documents/<int:pk>/versions/", library.add_version, name="add_version"),
    path("my/documents/<int:pk>/withdraw/", library.withdraw, name="withdraw"),
    path("documents/versions/<int:pk>/file/", files.file, name="file"),
    path("documents/of/<int:pk>/", files.shelf, name="shelf"),
    path("documents/of/<int:pk>/bundle/", bundle.bundle, name="bundle"),
    path("documents/verify_bundle.py", bundle.verifier_file, name="verifier"),
]
