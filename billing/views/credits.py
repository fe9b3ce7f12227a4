"""A person's credits: what is left and until when, every line with the balance after it, by month, and as a file."""

from __future__ import annotations

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.sign_in import velocity
from billing import ledger
from billing.gifts import welcome
from billing.ledger import clock, statement
from billing.models import Grant
from billing.notices import notices
from image2.lib.http.access import Caller, allow

PAGE = 50


class FilterForm(forms.Form):
    """``?month=2026-11&before=120``; invalid values show everything."""

    month = forms.DateField(input_formats=["%Y-%m"], required=False)
    before = forms.IntegerField(min_value=1, required=False)


@allow(Caller.PERSON)
@require_safe
def credits(request: HttpRequest) -> HttpResponse:  # noqa: A001  (the product's word)
    user, month, before = _asked(request)
    lines = statement.describe(ledger.lines(user, before=before, limit=PAGE + 1, month=month))
    balance = ledger.balance(user)
    context = {
        "balance": balance,
        "notices": notices(user, balance=balance),
        "lots": Grant.objects.visible_to(user).spendable(clock.now()).in_spending_order(),
        "lines": lines[:PAGE],
        "older": lines[PAGE - 1].number if len(lines) > PAGE else None,
        "month": month,
        "months": _months(user),
        "is_first_page": before is None,
    }
    return render(request, "billing/credits.html", context)


@allow(Caller.PERSON)
@require_POST
def claim_welcome(request: HttpRequest) -> HttpResponse:
    """Claim welcome credits that were put on hold when the address was confirmed."""
    assert isinstance(request.user, User)
    try:
        lot = welcome.claim(user=request.user, network=velocity.network_of(request))
    except welcome.NotWelcomed as why:
        messages.error(request, str(why))
    else:
        if lot is not None:
            messages.success(request, _("Your welcome credits are here."))
    return redirect("billing:credits")


@allow(Caller.PERSON)
@require_safe
def lines_csv(request: HttpRequest) -> HttpResponse:
    user, month, _before = _asked(request)
    name = f"credits-{month:%Y-%m}.csv" if month else "credits.csv"
    return HttpResponse(
        statement.csv_text(ledger.lines(user, limit=None, month=month)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _asked(request: HttpRequest) -> tuple[User, date | None, int | None]:
    assert isinstance(request.user, User)
    form = FilterForm(request.GET)
    form.is_valid()
    return request.user, form.cleaned_data.get("month"), form.cleaned_data.get("before")


def _months(user: User) -> list[date]:
    """Return the months since the first line, newest first."""
    first = Grant.objects.visible_to(user).order_by("id").values_list("created_at", flat=True).first()
    if first is None:
        return []
    now, begun = timezone.localdate(), timezone.localtime(first).date()
    count = (now.year - begun.year) * 12 + now.month - begun.month + 1
    return [date(now.year + (now.month - 1 - n) // 12, (now.month - 1 - n) % 12 + 1, 1) for n in range(count)]
