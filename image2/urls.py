"""The site's routes; each app keeps its own."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from image2.website import health, metrics, pages, well_known

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("theme/", pages.choose_theme, name="theme"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path(".well-known/security.txt", well_known.security_txt, name="security-txt"),
    path(".well-known/change-password", well_known.change_password, name="well-known-change-password"),
    path(".well-known/gpc.json", well_known.gpc, name="gpc"),
    path("", include("accounts.urls")),
    path("", include("generation.urls")),
    path("editor/", include("editor.urls")),
    path("", include("billing.urls")),
    path("", include("privacy.urls")),
    path("admin/", admin.site.urls),
]

if settings.DEBUG:
    urlpatterns.append(path("styleguide/", pages.styleguide, name="styleguide"))

handler400 = pages.bad_request
handler403 = pages.forbidden
handler404 = pages.not_found
handler429 = pages.too_many_requests
handler500 = pages.server_error
