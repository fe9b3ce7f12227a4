"""The pages of support: one's tickets and a new one, a conversation, and the way in for visitors."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import mail
from accounts.models import User
from generation.files import serving
from image2.lib.http.access import Caller, allow
from privacy.models import Ticket, TicketAttachment
from privacy.policy import versions as policies
from privacy.support import conversation, links, mailing
from privacy.support.categories import RIGHTS
from privacy.support.pages import about, limits
from privacy.support.pages.forms import ReplyForm, TicketForm

# Tickets of a visitor that this browser may see, since it followed the link that was mailed.
_OPENED: Final = "support_tickets"
_MOST_OPENED: Final = 20


@allow(Caller.ANYONE)
@require_http_methods(["GET", "HEAD", "POST"])
def support(request: HttpRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("category", "about")}
    form = TicketForm(request.POST or None, user=request.user, initial=asked)
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                values = form.request_values()
                limits.check_new(request, email=values["email"])
                ticket = conversation.open_ticket(user=request.user, **values)
        except limits.TooMany as refusal:
            form.add_error(None, str(refusal))
        else:
            if ticket.user is not None:
                messages.success(request, _("Your message was sent."))
                return redirect("privacy:ticket", ticket.pk)
            messages.success(request, _("Your message was sent. We'll answer by e-mail."))
            return redirect("privacy:support")
    chosen = str(form["about"].value() or "")
    context = {
        "form": form,
        "offered": about.offered(request.user, about.find(request.user, chosen)),
        "chosen": chosen,
        "tickets": Ticket.objects.visible_to(request.user).newest_first()[:50],
        "address": mail.address_of(request.user) if isinstance(request.user, User) else None,
        "operator": policies.operator(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "privacy/support/support.html", context, status=status)


@allow(Caller.ANYONE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ticket(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Show a conversation and take a reply."""
    found = _found(request, pk)
    if found is None:
        return redirect_to_login(request.path, settings.LOGIN_URL)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            limits.check_reply(found)
        except limits.TooMany as refusal:
            form.add_error(None, str(refusal))
        else:
            conversation.reply(ticket=found, text=form.cleaned_data["message"])
            messages.success(request, _("Your reply was sent."))
            return redirect("privacy:ticket", found.pk)
    context = {
        "ticket": found,
        "said": found.messages.prefetch_related("attachments"),
        "shown": about.Shown(found.picture, found.job),
        "form": form,
        "is_right": found.category in RIGHTS,
        "address": mail.address_of(found.user) if found.user else found.email,
        "takes_replies": mailing.takes_replies(),
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "privacy/support/ticket.html", context, status=status)


@allow(Caller.ANYONE)
@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    found = _found(request, pk)
    if found is None:
        return redirect_to_login(request.path, settings.LOGIN_URL)
    conversation.close(ticket=found)
    messages.success(request, _("Closed. Write a reply to open it again."))
    return redirect("privacy:ticket", found.pk)


@allow(Caller.ANYONE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Ask once, then delete the ticket for good."""
    found = _found(request, pk)
    if found is None:
        return redirect_to_login(request.path, settings.LOGIN_URL)
    if request.method == "POST":
        conversation.delete(tickets=Ticket.objects.filter(pk=found.pk))
        messages.success(request, _("Your ticket was deleted."))
        return redirect("privacy:support")
    return render(request, "privacy/support/delete.html", {"ticket": found})


@allow(Caller.ANYONE)
@require_safe
def attachment(request: HttpRequest, pk: UUID, number: int) -> HttpResponseBase:
    """Send a picture that came with a mail of this ticket."""
    found = _found(request, pk)
    if found is None:
        return redirect_to_login(request.path, settings.LOGIN_URL)
    row = get_object_or_404(TicketAttachment, message__ticket=found, pk=number)
    return serving.save(request, row, filename=f"{row.name.rpartition('.')[0] or row.name}.png")


@allow(Caller.ANYONE)
@never_cache
@require_safe
def by_mail(request: HttpRequest, secret: str) -> HttpResponse:
    """Open a visitor's ticket by the link from their mail: whoever has it reads that mailbox.

    The secret doesn't stay in the address: the page would show it to whoever looks at the screen or the history.
    """
    found = links.named_by(secret)
    if found is None:
        return render(request, "privacy/support/link_over.html", status=HTTPStatus.NOT_FOUND)
    conversation.prove_address(ticket=found)
    opened = [pk for pk in request.session.get(_OPENED, []) if pk != found.pk.hex]
    request.session[_OPENED] = [*opened, found.pk.hex][-_MOST_OPENED:]
    return redirect("privacy:ticket", found.pk)


def _found(request: HttpRequest, pk: UUID) -> Ticket | None:
    """Return the ticket, if this person may see it. Raises Http404; None for somebody who may have to log in."""
    own = Ticket.objects.visible_to(request.user).filter(pk=pk)
    visitors = Ticket.objects.filter(pk=pk, user=None)
    found = own.first() or (visitors.first() if pk.hex in request.session.get(_OPENED, []) else None)
    if found is None and request.user.is_authenticated:
        raise Http404
    return found
