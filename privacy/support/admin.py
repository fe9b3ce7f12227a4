"""The operator's queue: tickets found by words and filters, answers with or without a canned text, private notes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import mail
from accounts.models import User
from generation.files import serving
from image2.lib import times
from image2.lib.http.access import Caller, allow
from privacy.models import CannedAnswer, Ticket, TicketAttachment
from privacy.support import conversation
from privacy.support.categories import REMIND_BEFORE
from privacy.support.pages.forms import AnswerForm, CategoryForm

_UNANSWERED: Final = "unanswered"


class StateFilter(admin.SimpleListFilter):
    """The queue is what waits for us; the rest is one click away."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [(_UNANSWERED, _("Not closed")), *Ticket.State.choices, ("all", _("All"))]

    def choices(self, changelist: Any) -> Any:
        """Leave out Django's own "All": without a choice the queue is shown."""
        return list(super().choices(changelist))[1:]

    def value(self) -> str:
        return super().value() or Ticket.State.OPEN

    def queryset(self, _request: HttpRequest, tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
        chosen = self.value()
        if chosen == _UNANSWERED:
            return tickets.exclude(state=Ticket.State.CLOSED)
        return tickets.filter(state=chosen) if chosen in Ticket.State.values else tickets


class DeadlineFilter(admin.SimpleListFilter):
    title = _("deadline")
    parameter_name = "deadline"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [("any", _("Has one")), ("soon", _("Within 7 days, or over")), ("over", _("Over"))]

    def queryset(self, _request: HttpRequest, tickets: QuerySet[Ticket]) -> QuerySet[Ticket]:
        open_ones = tickets.exclude(state=Ticket.State.CLOSED)
        if self.value() == "soon":
            return open_ones.filter(due_at__lt=timezone.now() + REMIND_BEFORE)
        if self.value() == "over":
            return open_ones.filter(due_at__lt=timezone.now())
        return tickets.filter(due_at__isnull=False) if self.value() == "any" else tickets


@admin.register(Ticket)
class TicketAdmin(admin.ModelAdmin[Ticket]):
    list_display = ("number", "category", "who", "state", "since", "deadline")
    list_filter = (StateFilter, DeadlineFilter, "category", ("user", admin.EmptyFieldListFilter))
    search_fields = ("email", "user__email")
    search_help_text = _("A number, an address, or words of a message or note.")
    list_select_related = ("user",)
    list_per_page = 50
    actions = ("close_chosen",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return Ticket.objects.most_urgent_first()

    def get_ordering(self, _request: HttpRequest) -> tuple[str, ...]:
        return ()  # as the queryset has it

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Ticket], search_term: str
    ) -> tuple[QuerySet[Ticket], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        words = search_term.strip()
        if words:
            said = queryset & Ticket.objects.saying(words)
            numbered = [pk for pk in queryset.values_list("pk", flat=True) if _is_number(words, pk)]
            found = found | said | queryset.filter(pk__in=numbered)
        return found, may_repeat

    @admin.display(description=_("who"))
    def who(self, ticket: Ticket) -> str:
        return ticket.email if ticket.user_id else f"{ticket.email} ({_('no account')})"

    @admin.display(description=_("waiting since"))
    def since(self, ticket: Ticket) -> str:
        return times.moment(ticket.waiting_since)

    @admin.display(description=_("deadline"), ordering="due_at")
    def deadline(self, ticket: Ticket) -> SafeString | str:
        if ticket.due_at is None:
            return "–"
        day = times.day(ticket.due_at)
        return (
            format_html('<strong class="overdue">{} · {}</strong>', day, _("over"))
            if ticket.is_overdue
            else day
        )

    @admin.action(description=_("Close"))
    def close_chosen(self, request: HttpRequest, chosen: QuerySet[Ticket]) -> None:
        for ticket in chosen:
            conversation.close(ticket=ticket)
        said = ngettext("%(count)d ticket is closed.", "%(count)d tickets are closed.", len(chosen))
        self.message_user(request, said % {"count": len(chosen)})

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Ticket | None = None) -> bool:
        return False

    @allow(Caller.STAFF)
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Tickets"), **(extra_context or {})})

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="privacy_ticket_changelist"),
            path("<uuid:ticket_id>/", view(self.conversation), name="privacy_ticket_change"),
            path(
                "<uuid:ticket_id>/pictures/<int:number>/",
                view(self.attachment),
                name="privacy_ticket_attachment",
            ),
        ]

    @allow(Caller.STAFF)
    def conversation(self, request: HttpRequest, ticket_id: UUID) -> HttpResponse:
        """Show a ticket and do what a button says: answer, note, canned text, category, close, reopen."""
        if not self.has_change_permission(request):
            raise Http404
        ticket = get_object_or_404(Ticket.objects.select_related("user"), pk=ticket_id)
        form = AnswerForm(ticket=ticket)
        category_form = CategoryForm(initial={"category": ticket.category})
        if request.method == "POST":
            act = request.POST.get("act", "")
            if act in _WITHOUT_WORDS:
                return self._done(request, ticket, act)
            if act == "move":
                category_form = CategoryForm(request.POST)
                if category_form.is_valid():
                    conversation.move(ticket=ticket, category=category_form.cleaned_data["category"])
                    messages.success(request, _("The category is changed."))
                    return redirect("admin:privacy_ticket_change", ticket.pk)
            elif act == "insert":
                form = _with_canned_text(ticket, request)
            else:
                form = AnswerForm(request.POST, ticket=ticket)
                if form.is_valid():
                    return self._said(request, ticket, act, form.cleaned_data["text"])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "ticket": ticket,
            "said": ticket.messages.select_related("by_staff").prefetch_related("attachments"),
            "notes": ticket.notes.select_related("by_staff"),
            "form": form,
            "category_form": category_form,
            "reaches": mail.address_of(ticket.user) if ticket.user else ticket.email,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors or category_form.errors else HTTPStatus.OK
        return render(request, "privacy/support/admin_ticket.html", context, status=status)

    @allow(Caller.STAFF)
    def attachment(self, request: HttpRequest, ticket_id: UUID, number: int) -> HttpResponseBase:
        """Send a picture that the writer of the ticket mailed to support."""
        if not self.has_view_permission(request):
            raise Http404
        row = get_object_or_404(TicketAttachment, message__ticket=ticket_id, pk=number)
        return serving.save(request, row, filename=f"{row.pk}.png", cache="private, no-store")

    def _done(self, request: HttpRequest, ticket: Ticket, act: str) -> HttpResponse:
        do, said = _WITHOUT_WORDS[act]
        do(ticket=ticket)
        messages.success(request, said)
        return redirect("admin:privacy_ticket_change", ticket.pk)

    def _said(self, request: HttpRequest, ticket: Ticket, act: str, text: str) -> HttpResponse:
        assert isinstance(request.user, User)  # nobody else passed admin_view
        if act == "note":
            conversation.note(ticket=ticket, by=request.user, text=text)
            messages.success(request, _("The note is kept. Only staff see it."))
            return redirect("admin:privacy_ticket_change", ticket.pk)
        conversation.answer(ticket=ticket, by=request.user, text=text)
        if act == "answer_and_close":
            conversation.close(ticket=ticket)
        messages.success(request, _("The answer was sent."))
        return redirect("admin:privacy_ticket_changelist")


@admin.register(CannedAnswer)
class CannedAnswerAdmin(admin.ModelAdmin[CannedAnswer]):
    list_display = ("title", "category")
    list_filter = ("category",)
    search_fields = ("title", "text")


def _with_canned_text(ticket: Ticket, request: HttpRequest) -> AnswerForm:
    """Return the form with the canned text below what is typed already."""
    typed = request.POST.get("text", "").strip()
    number = request.POST.get("canned", "")
    chosen = CannedAnswer.objects.filter(pk=number).first() if number.isdecimal() else None
    together = "\n\n".join(text for text in (typed, chosen.text if chosen else "") if text)
    return AnswerForm(initial={"text": together, "canned": chosen}, ticket=ticket)


def _is_number(words: str, pk: UUID) -> bool:
    return len(words) == 8 and pk.hex.endswith(words.lower())


_WITHOUT_WORDS: Final[dict[str, tuple[Any, Any]]] = {
    "close": (conversation.close, _("The ticket is closed.")),
    "reopen": (conversation.reopen, _("The ticket is open again.")),
}
