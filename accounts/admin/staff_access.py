"""Legal holds on notifying people that staff opened a picture, and the action that lifts one."""

from __future__ import annotations

from http import HTTPStatus

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnly
from accounts.models import StaffAccess, User
from accounts.staff import access as staff_access
from accounts.staff import second_factor
from image2.lib.http.access import Caller, allow


class LiftForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Why the person may be notified now. Kept in the audit log with your name."),
    )


@admin.register(StaffAccess)
class StaffAccessAdmin(ReadOnly):
    list_display = ("opened_at", "person", "picture_id", "ground", "notified_at", "is_held", "lifting")
    list_display_links = None
    list_filter = (
        "ground",
        "opened_at",
        ("lifted_at", admin.EmptyFieldListFilter),
        ("notified_at", admin.EmptyFieldListFilter),
    )
    date_hierarchy = "opened_at"
    search_fields = ("picture_id", "person__email")
    ordering = ("-opened_at",)
    list_select_related = ("person",)

    @admin.display(boolean=True, description=_("legal hold"))
    def is_held(self, access: StaffAccess) -> bool:
        return access.is_held

    @admin.display(description=_("lift"))
    def lifting(self, access: StaffAccess) -> SafeString | str:
        if not access.is_held:
            return "–"
        address = reverse("admin:accounts_staffaccess_lift", args=[access.pk])
        return format_html('<a href="{}">{}</a>', address, _("Lift the hold…"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="accounts_staffaccess_changelist"),
            path("<int:pk>/lift/", view(self.lift), name="accounts_staffaccess_lift"),
        ]

    @allow(Caller.STAFF)
    def lift(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for a reason and lift the hold; the person is notified within ten minutes."""
        if not request.user.is_superuser:
            raise Http404
        if asked := second_factor.asked_again(request):
            return asked
        access = get_object_or_404(StaffAccess.objects.select_related("person"), pk=pk)
        form = LiftForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            assert isinstance(request.user, User)
            staff_access.lift(actor=request.user, access=access, reason=form.cleaned_data["reason"])
            messages.success(
                request, _("The hold is lifted. The person will get an e-mail within ten minutes.")
            )
            return redirect("admin:accounts_staffaccess_changelist")
        context = {**self.admin_site.each_context(request), "form": form, "access": access, "opts": self.opts}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render(request, "accounts/admin_lift.html", context, status=status)
