"""People: found by address, shown without secrets, changed by acts that ask for a reason."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnly
from accounts.models import User
from accounts.people import closing
from accounts.staff import operator_acts, second_factor
from image2.lib.http.access import Caller, allow

Act = Callable[..., None]
ACTS: dict[str, tuple[Any, Act]] = {
    "switch-off": (_("Disable the account"), operator_acts.switch_off),
    "switch-on": (_("Enable the account"), operator_acts.switch_on),
    "end-sessions": (_("Log out on every device"), operator_acts.end_sessions),
    "remove-second-factors": (_("Remove every second factor"), operator_acts.remove_second_factors),
}
# Rights are given by those who have all of them.
SUPERUSER_ACTS: dict[str, tuple[Any, Act]] = {
    "make-staff": (_("Make a member of staff"), operator_acts.make_staff),
    "end-staff": (_("Remove staff rights"), operator_acts.end_staff),
    "delete": (_("Close the account and delete it with its data"), operator_acts.delete),
    "reopen": (_("Reopen an account that waits to be deleted"), operator_acts.reopen),
}


class ActForm(forms.Form):
    act = forms.ChoiceField(label=_("Action"))
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept in the audit log, with your name."),
    )

    def __init__(self, *args: Any, acts: dict[str, tuple[Any, Act]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["act"].choices = [(name, label) for name, (label, _act) in acts.items()]  # type: ignore[attr-defined]  # a ChoiceField


@admin.register(User)
class UserAdmin(ReadOnly):
    list_display = (
        "email",
        "name",
        "is_active",
        "is_staff",
        "has_second_factor",
        "date_joined",
        "last_login",
    )
    list_filter = ("is_active", "is_staff", "date_joined")
    search_fields = ("email", "name")
    date_hierarchy = "date_joined"
    ordering = ("-date_joined",)
    fields = (
        *("email", "name", "is_active", "closed_at", "is_staff", "is_superuser"),
        *("date_joined", "last_login", "acts"),
    )
    readonly_fields = ("closed_at", "acts")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"))
        people: QuerySet[User] = super().get_queryset(request).annotate(with_factor=Exists(factors))
        return people

    @admin.display(boolean=True, description=_("second factor"))
    def has_second_factor(self, user: User) -> bool:
        return bool(user.with_factor)  # type: ignore[attr-defined]  # annotated above

    @admin.display(description=_("Acts"))
    def acts(self, user: User) -> SafeString:
        return format_html('<a href="../act/">{}</a>', _("Disable, log out, remove second factors, delete…"))

    def get_urls(self) -> list[URLPattern]:
        act = path("<path:pk>/act/", self.admin_site.admin_view(self.act), name="accounts_user_act")
        return [act, *super().get_urls()]

    @allow(Caller.STAFF)
    def act(self, request: HttpRequest, pk: str) -> HttpResponse:
        """Ask for an act and its reason, and do it."""
        if not request.user.has_perm("accounts.change_user"):
            raise Http404
        user = get_object_or_404(User, pk=pk)
        acts = {**ACTS, **SUPERUSER_ACTS} if request.user.is_superuser else ACTS
        if user.is_staff and not request.user.is_superuser:
            raise Http404  # staff are looked after by those who have all rights
        if asked := second_factor.asked_again(request):
            return asked
        form = ActForm(request.POST or None, acts=acts)
        if request.method == "POST" and form.is_valid():
            label, do = acts[form.cleaned_data["act"]]
            try:
                do(actor=request.user, user=user, reason=form.cleaned_data["reason"])
            except (operator_acts.NotOnYourself, closing.IsClosed, closing.NotClosed) as refusal:
                form.add_error("act", str(refusal))
            else:
                messages.success(request, f"{label}: {user.email}")
                return redirect("admin:accounts_user_changelist")
        context = {**self.admin_site.each_context(request), "form": form, "person": user, "opts": self.opts}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render(request, "accounts/admin_act.html", context, status=status)
