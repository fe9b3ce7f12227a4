"""The policy and its versions, who else gets what, a copy of one's data, usage, rights, and support."""

from django.urls import path

from privacy import views
from privacy.export import views as export
from privacy.rights import views as rights
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
    path("support/", views.support_page, name="support"),
    path("support/<uuid:pk>/", views.support_message, name="support_message"),
]
