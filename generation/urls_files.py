"""Routes of files and downloads."""

from django.urls import path

from generation.views import files

urlpatterns = [
    path("files/<int:file_id>", files.file, name="file"),
    path("files/picture/<uuid:picture_id>/<slug:role>", files.picture_file, name="picture-file"),
    path("files/upload/<uuid:upload_id>/<slug:role>", files.upload_file, name="upload-file"),
    path("files/picture/<uuid:picture_id>/download/<slug:form>", files.download, name="download"),
]
