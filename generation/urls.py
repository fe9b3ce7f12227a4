"""Routes of generation: creating pictures, viewing them, and their files."""

from django.urls import path

from generation.views import avatars, files, licences, model_card, model_example, storage, uploads, verify
from generation.views.creating import create, picker, prompt, start, styles
from generation.views.jobs import jobs, stream
from generation.views.pictures import changes, history, pictures, taken_down

app_name = "generation"
urlpatterns = [
    path("start/", start.start, name="start"),
    path("models/bundled/", model_card.bundled, name="model-card"),
    path("models/<str:model>/example/<slug:version>", model_example.example, name="model-example"),
    path("create/", create.create, name="create"),
    path("create/price/", create.quote, name="quote"),
    path("create/styles/", styles.styles, name="styles"),
    path("create/styles/<str:model>/<slug:key>/<int:version>", styles.example, name="style-example"),
    path("create/prompt/", prompt.helped, name="prompt"),
    path("create/control/", create.control, name="control"),
    path("create/reference/", create.reference, name="reference"),
    path("create/reference/pictures/", picker.pictures, name="reference-pictures"),
    path("create/reference/<uuid:picture_id>/", picker.choose, name="reference-choose"),
    path("jobs/stream/", stream.events, name="job-stream"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<uuid:job_id>/again/", jobs.again, name="job-again"),
    path("jobs/<uuid:job_id>/delete/", jobs.delete, name="job-delete"),
    path("jobs/<uuid:job_id>/preview/<int:index>/<int:number>/", stream.preview, name="preview"),
    path("history/", history.pictures, name="history"),
    path("history/selection/", history.selection, name="selection"),
    path("history/trash/", history.trashed, name="trash"),
    path("history/trash/undo/<int:act>/", history.undo, name="trash-undo"),
    path("history/trash/empty/", history.empty, name="trash-empty"),
    path("licences/", licences.licences_page, name="licences"),
    path("pictures/taken-down/", taken_down.decisions, name="taken-down"),
    path("pictures/<uuid:picture_id>/", pictures.picture, name="picture"),
    path("pictures/<uuid:picture_id>/favourite/", pictures.favourite, name="picture-favourite"),
    path("pictures/<uuid:picture_id>/change/", changes.change, name="picture-change"),
    path("pictures/<uuid:picture_id>/delete/", pictures.delete, name="picture-delete"),
    path("pictures/<uuid:picture_id>/restore/", pictures.restore, name="picture-restore"),
    path("verify/", verify.verify, name="verify"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/add/", uploads.add, name="upload-add"),
    path("uploads/selection/", uploads.selection, name="upload-selection"),
    path("uploads/undo/<int:upload_act>/", uploads.undo, name="upload-undo"),
    path("uploads/<uuid:upload_id>/", uploads.upload, name="upload"),
    path("uploads/<uuid:upload_id>/delete/", uploads.delete, name="upload-delete"),
    path("storage/", storage.storage, name="storage"),
    path("account/avatar/", avatars.use_file, name="avatar-file"),
    path("account/avatar/remove/", avatars.remove, name="avatar-remove"),
    path("account/avatar/<int:side>/<slug:version>", avatars.show, name="avatar"),
    path("pictures/<uuid:picture_id>/avatar/", avatars.use_picture, name="avatar-picture"),
    path("files/<int:file_id>", files.file, name="file"),
    path("files/picture/<uuid:picture_id>/<slug:role>", files.picture_file, name="picture-file"),
    path("files/upload/<uuid:upload_id>/<slug:role>", files.upload_file, name="upload-file"),
    path("files/picture/<uuid:picture_id>/download/<slug:form>", files.download, name="download"),
]
