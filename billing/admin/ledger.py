"""The ledger in the admin, read-only. Credits are given by an action with a reason."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.lists import WithTotals
from accounts.admin.read_only import ReadOnly
from accounts.models import User
from accounts.people.addresses import AddressInput
from billing.gifts import by_operator
from billing.models import Account, Entry, Freeze, Grant, Hold, Transaction
from image2.lib.http.access import Caller, allow
from image2.lib.ids import random_key


class GiveForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address of the person"), widget=AddressInput)
    amount = forms.IntegerField(label=_("Credits"), min_value=1, max_value=1_000_000)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Shown to the person with the credits. Kept with your name."),
    )
    token = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def clean_email(self) -> User:
        user = User.objects.filter(email__iexact=self.cleaned_data["email"]).first()
        if user is None:
            raise forms.ValidationError(_("No account uses this address."))
        return user


@admin.register(Account)
class AccountAdmin(WithTotals):
    list_display = ("user", "available", "held", "debt", "frozen", "created_at")
    list_filter = ("frozen", "created_at")
    totals = {"available": _("available"), "held": _("held"), "debt": _("debt")}
    search_fields = ("user__email",)
    list_select_related = ("user",)
    change_list_template = "billing/admin_accounts.html"

    def get_urls(self) -> list[URLPattern]:
        give = path("give/", self.admin_site.admin_view(self.give), name="billing_account_give")
        return [give, *super().get_urls()]

    @allow(Caller.STAFF)
    def give(self, request: HttpRequest) -> HttpResponse:
        """Ask who gets how many credits and why, and grant them."""
        actor = request.user
        if not isinstance(actor, User) or not actor.has_perm("billing.add_grant"):
            raise Http404
        form = GiveForm(
            request.POST or None, initial={"email": request.GET.get("email", ""), "token": random_key()}
        )
        if request.method == "POST" and form.is_valid():
            given = form.cleaned_data
            lot = by_operator.give(
                actor=actor,
                user=given["email"],
                amount=given["amount"],
                reason=given["reason"],
                token=given["token"],
            )
            said = _("%(amount)s credits were given to %(email)s.")
            messages.success(request, said % {"amount": lot.amount, "email": given["email"].email})
            return redirect("admin:billing_account_changelist")
        context = {**self.admin_site.each_context(request), "form": form, "opts": self.opts}
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        return render(request, "billing/admin_give.html", context, status=status)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        may_give = request.user.has_perm("billing.add_grant")
        url = reverse("admin:billing_account_give") if may_give else ""
        return super().changelist_view(request, {**(extra_context or {}), "give_url": url})


@admin.register(Grant)
class GrantAdmin(WithTotals):
    list_display = (
        "source_ref",
        "account",
        "source",
        "amount",
        "remaining",
        "held",
        "expires_at",
        "created_at",
    )
    list_filter = ("source", "created_at", "expires_at")
    date_hierarchy = "created_at"
    totals = {
        "amount": _("granted"),
        "remaining": _("remaining"),
        "held": _("held"),
        "consumed": _("consumed"),
        "expired": _("expired"),
        "refunded": _("refunded"),
    }
    search_fields = ("source_ref", "account__user__email")
    list_select_related = ("account__user",)


@admin.register(Hold)
class HoldAdmin(WithTotals):
    list_display = ("ref", "account", "amount", "captured", "state", "created_at", "ended_at")
    list_filter = ("state", "created_at", "ended_at")
    totals = {"amount": _("held at first"), "captured": _("captured")}
    search_fields = ("ref", "account__user__email")
    list_select_related = ("account__user",)


@admin.register(Freeze)
class FreezeAdmin(ReadOnly):
    list_display = ("ref", "account", "reason", "by", "frozen_at", "lifted_at")
    list_filter = (("lifted_at", admin.EmptyFieldListFilter), "frozen_at")
    date_hierarchy = "frozen_at"
    search_fields = ("ref", "account__user__email")
    list_select_related = ("account__user", "by")


class EntryInline(admin.TabularInline[Entry, Transaction]):
    model = Entry
    fields = ("ledger_account", "lot", "delta")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Transaction)
class TransactionAdmin(ReadOnly):
    list_display = (
        "created_at",
        "account",
        "number",
        "kind",
        "ref",
        "available_after",
        "held_after",
        "debt_after",
        "by",
        "reason",
    )
    list_filter = ("kind", "created_at")
    show_full_result_count = False
    search_fields = ("ref", "account__user__email", "reason")
    list_select_related = ("account__user", "by")
    inlines = (EntryInline,)
