"""Routes of the editor: the list of documents, new ones, and what a document's page asks the server for."""

from django.urls import path

from editor.views import files, fonts, generate, hints, lists, log, offline, opening, page, work

app_name = "editor"
urlpatterns = [
    path("", lists.documents, name="documents"),
    path("new/", opening.new, name="new"),
    path("trash/", lists.trash, name="trash"),
    path("fonts", fonts.fonts, name="fonts"),
    path("fonts/<slug:font>", fonts.own_font, name="own-font"),
    path("hints", hints.hints, name="hints"),
    path("sw.js", offline.service_worker, name="service-worker"),
    path("<uuid:document_id>/", page.document, name="document"),
    path("<uuid:document_id>/log", log.log, name="log"),
    path("<uuid:document_id>/operations", log.operations, name="operations"),
    path("<uuid:document_id>/versions", log.versions, name="versions"),
    path("<uuid:document_id>/asset/<slug:sha256>", files.asset, name="asset"),
    path("<uuid:document_id>/thumbnail/<slug:sha256>", files.thumbnail, name="thumbnail"),
    path("<uuid:document_id>/assets", files.assets, name="assets"),
    path("<uuid:document_id>/check", work.check, name="check"),
    path("<uuid:document_id>/export", work.export, name="export"),
    path("<uuid:document_id>/flatten", work.flatten, name="flatten"),
    path("<uuid:document_id>/export/<uuid:run_id>", work.run, name="run"),
    path("<uuid:document_id>/export/<uuid:run_id>/file", files.made, name="file"),
    path("<uuid:document_id>/generate", generate.tools, name="generate"),
    path("<uuid:document_id>/generate/quote", generate.quote, name="quote"),
    path("<uuid:document_id>/generate/orders", generate.orders, name="orders"),
    path("<uuid:document_id>/generate/orders/<uuid:order_id>", generate.order, name="order"),
    path("<uuid:document_id>/generate/orders/<uuid:order_id>/cancel", generate.cancel, name="order-cancel"),
    path("<uuid:document_id>/generate/orders/<uuid:order_id>/remove", generate.remove, name="order-remove"),
    path(
        "<uuid:document_id>/generate/orders/<uuid:order_id>/<int:index>/use", generate.use, name="result-use"
    ),
    path(
        "<uuid:document_id>/generate/orders/<uuid:order_id>/<int:index>/keep",
        generate.keep,
        name="result-keep",
    ),
    path(
        "<uuid:document_id>/generate/orders/<uuid:order_id>/<int:index>/remove",
        generate.remove_result,
        name="result-remove",
    ),
    path(
        "<uuid:document_id>/generate/orders/<uuid:order_id>/<int:index>/restore",
        generate.restore_result,
        name="result-restore",
    ),
    path("<uuid:document_id>/rename", lists.rename, name="rename"),
    path("<uuid:document_id>/duplicate", lists.duplicate, name="duplicate"),
    path("<uuid:document_id>/delete", lists.delete, name="delete"),
    path("<uuid:document_id>/restore", lists.restore, name="restore"),
    path("<uuid:document_id>/purge", lists.purge, name="purge"),
]
