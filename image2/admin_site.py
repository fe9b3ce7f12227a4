"""The operator's pages: signed in through the site's own log-in page, invisible to everybody else."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from image2.lib.http.access import Caller, allow

# Registered by allauth on its own; they show secrets, and change an account without a reason.
_NOT_SHOWN = {
    "mfa.authenticator",
    "usersessions.usersession",
    "account.emailaddress",
    "account.emailconfirmation",
    "socialaccount.socialaccount",
    "socialaccount.socialapp",
    "socialaccount.socialtoken",
}


class Image2AdminSite(AdminSite):
    site_title = "Image 2"
    site_header = _("Image 2: operator")
    index_title = _("Administration")
    enable_nav_sidebar = False
    index_template = "operator/index.html"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        models: list[Any] = (
            [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        )
        super().register(
            [model for model in models if model._meta.label_lower not in _NOT_SHOWN],  # noqa: SLF001  (Django's own way)
            admin_class,
            **options,
        )

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what the site does and what waits, before the lists. Each part needs the right to see its list."""
        from image2.website.operator import page  # the site is imported before the models are loaded

        def may(model: type[Model]) -> bool:
            return self.is_registered(model) and self.get_model_admin(model).has_view_permission(request)

        return super().index(request, {"sections": page.sections(may), **(extra_context or {})})

    # Django's own log-in page has no codes, second factors or rate limits.
    @allow(Caller.ANYONE)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            if not self.has_permission(request):
                raise Http404
            return redirect("admin:index")
        return redirect_to_login(reverse("admin:index"))

    def password_change(  # type: ignore[override]  # a redirect, where Django's own draws a page
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return redirect("account_change_password")
