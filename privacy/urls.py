"""The policy and its versions, who else gets what, and support."""

from django.urls import path

from privacy import views

app_name = "privacy"

urlpatterns = [
    path("privacy/", views.policy, name="policy"),
    path("privacy/versions/", views.versions, name="versions"),
    path("privacy/versions/<slug:version>/", views.version, name="version"),
    path("privacy/versions/<slug:version>/changes/", views.changes, name="changes"),
    path("privacy/accept/", views.accept, name="accept"),
    path("privacy/processors/", views.processors_page, name="processors"),
    path("support/", views.support_page, name="support"),
    path("support/<uuid:pk>/", views.support_message, name="support_message"),
]
