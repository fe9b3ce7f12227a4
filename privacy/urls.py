"""The policy and its versions, who else gets what, a copy of one's data, usage, rights, deletion, and support."""

from django.urls import path

from privacy import views
from privacy.erasure import views as erasure
from privacy.export import views as export
from privacy.rights import views as rights
from privacy.support.pages import views as support
from privacy.usage import views as usage

app_name = "privacy"

urlpatterns = [
    path("privacy/", views.policy, name="policy"),
    path("privacy/versions/", views.versions, name="versions"),
    path("privacy/versions/<slug:version>/", views.version, name="version"),
    path("privacy/versions/<slug:version>/changes/", views.changes, name="changes"),
    path("privacy/accept/", views.accept, name="accept"),
    path("privacy/processors/", views.processors_page, name="processors"),
    path("privacy/export/", export.page, name="export"),
    path("privacy/export/<uuid:export_id>/remove/", export.remove, name="export_remove"),
    path("privacy/export/<uuid:export_id>/<int:part>/", export.part, name="export_part"),
    path("privacy/usage/", usage.page, name="usage"),
    path("privacy/usage/switch/", usage.switch, name="usage_switch"),
    path("privacy/usage/delete/", usage.delete, name="usage_delete"),
    path("privacy/rights/", rights.page, name="rights"),
    path("privacy/restriction/", rights.restriction_page, name="restriction"),
    path("privacy/restriction/begin/", rights.restrict, name="restrict"),
    path("privacy/restriction/lift/", rights.lift, name="lift"),
    path("support/report/", rights.report, name="report"),
    path("support/", support.support, name="support"),
    path("support/<uuid:pk>/", support.ticket, name="ticket"),
    path("support/<uuid:pk>/close/", support.close, name="ticket_close"),
    path("support/<uuid:pk>/delete/", support.delete, name="ticket_delete"),
    path("support/<uuid:pk>/pictures/<int:number>/", support.attachment, name="ticket_attachment"),
    path("support/mail/<str:secret>/", support.by_mail, name="ticket_by_mail"),
    path("account/delete/", erasure.page, name="erasure"),
    path("account/closed/", erasure.closed, name="closed"),
    path("account/reopen/<str:token>/", erasure.reopen, name="reopen"),
]
