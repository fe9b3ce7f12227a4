"""Routes of generation: making pictures, looking at them, and their files."""

from django.urls import include, path

from generation import streams
from generation.views import create, history, jobs, model_card, picker, pictures, start

app_name = "generation"
urlpatterns = [
    path("start/", start.start, name="start"),
    path("models/bundled/", model_card.bundled, name="model-card"),
    path("create/", create.create, name="create"),
    path("create/price/", create.quote, name="quote"),
    path("create/reference/", create.reference, name="reference"),
    path("create/reference/pictures/", picker.pictures, name="reference-pictures"),
    path("create/reference/<uuid:picture_id>/", picker.choose, name="reference-choose"),
    path("jobs/stream/", streams.events, name="job-stream"),
    path("jobs/<uuid:job_id>/", jobs.job, name="job"),
    path("jobs/<uuid:job_id>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<uuid:job_id>/again/", jobs.again, name="job-again"),
    path("jobs/<uuid:job_id>/preview/<int:index>/<int:number>/", streams.preview, name="preview"),
    path("history/", history.pictures, name="history"),
    path("history/selection/", history.selection, name="selection"),
    path("history/trash/", history.trashed, name="trash"),
    path("history/trash/undo/<int:act>/", history.undo, name="trash-undo"),
    path("history/trash/empty/", history.empty, name="trash-empty"),
    path("pictures/<uuid:picture_id>/", pictures.picture, name="picture"),
    path("pictures/<uuid:picture_id>/favourite/", pictures.favourite, name="picture-favourite"),
    path("pictures/<uuid:picture_id>/delete/", pictures.delete, name="picture-delete"),
    path("pictures/<uuid:picture_id>/restore/", pictures.restore, name="picture-restore"),
    path("", include("generation.urls_files")),
]
