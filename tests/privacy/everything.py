"""Somebody with something of every kind that the site keeps about people, each text with a word of their own in it."""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from accounts.models import AuditLine, Consent, KnownBrowser, UsageEvent, User
from accounts.people import preferences
from billing import ledger
from billing.models import Account, Customer, Freeze, Order, PlanEnding, Subscription
from editor import opening
from editor.models import Document, Version
from generation.files import storing
from generation.jobs import submission
from generation.models import Avatar, Lineage, Picture, TakeDown
from image2.lib.ids import new_id
from privacy.erasure import tombstones
from privacy.models import (
    Erasure,
    Export,
    PolicyNotice,
    PolicyVersion,
    Ticket,
    TicketAttachment,
    TicketMessage,
    TicketNote,
)
from tests.editor.making import a_stroke, send
from tests.editor.ordering import an_order
from tests.factories import make_person
from tests.generation.files.conftest import NewPicture, ingest
from tests.generation.files.specimens import drawing, encoded
from tests.generation.web.makers import a_request


def somebody(name: str, new_picture: NewPicture) -> User:
    """Return a person with everything; `word(name)` is in every text of theirs."""
    person = make_person(name)
    mine = word(name)
    _account(person, mine)
    _money(person, mine)
    picture = new_picture(person, prompt=f"a boat {mine}")
    upload = ingest(person, encoded(drawing(), "PNG"), name=f"{mine}.png")
    parent = new_picture(person, prompt=f"a parent {mine}")
    Lineage.objects.create(child=picture, parent=parent, role=Lineage.Role.REFERENCE)
    Lineage.objects.create(child=picture, upload=upload, role=Lineage.Role.REFERENCE)
    TakeDown.objects.create(person=person, picture_id=parent.pk, ground="rights", statement=mine)
    submission.submit(user=person, request=a_request(prompt=mine), idempotency_key=str(new_id()))
    _document(person, picture, mine)
    _ticket(person, picture, mine)
    Erasure.objects.create(
        user=person,
        account_hash=tombstones.hash_of(person.pk),
        state=Erasure.State.REOPENED,
        due_at=timezone.now(),
    )
    Export.objects.create(user=person, state=Export.State.FAILED, sentence=mine, finished_at=timezone.now())
    return person


def _ticket(person: User, picture: Picture, mine: str) -> None:
    ticket = Ticket.objects.create(user=person, email=person.email, category="access", picture=picture)
    message = TicketMessage.objects.create(ticket=ticket, author="person", text=mine, not_taken=mine)
    stored = storing.store(mine.encode(), kind="support", attempt="test", suffix="png")
    TicketAttachment.objects.create(
        message=message,
        name=f"{mine}.png",
        width=8,
        height=8,
        key=stored.key,
        sha256=stored.sha256,
        bytes=stored.bytes,
    )
    TicketNote.objects.create(ticket=ticket, text="a note of staff")


def word(name: str) -> str:
    return f"only-{name.lower()}-wrote-this"


def _account(person: User, mine: str) -> None:
    person.name = mine
    person.save()
    preferences.of(person)
    Consent.objects.create(user=person, kind=Consent.Kind.TRAINING, granted=True, ip="192.0.2.0")
    UsageEvent.objects.create(user=person, event="picture made", details={"model": mine})
    KnownBrowser.objects.create(user=person, token_hash=mine.ljust(64, "0")[:64], label=mine)
    UserSession.objects.create(user=person, ip="192.0.2.0", session_key=mine[:40], user_agent=mine, data={})
    SocialAccount.objects.create(user=person, provider="github", uid=mine, extra_data={"shown": mine})
    Authenticator.objects.create(user=person, type="webauthn", data={"name": mine, "credential": {}})
    AuditLine.objects.create(
        actor=person, actor_label=mine, action="viewed", object_type="picture", object_id="1", reason=mine
    )
    avatar = storing.store(mine.encode(), kind="avatar", attempt="test", suffix="webp")
    Avatar.objects.create(
        owner=person,
        side=Avatar.LARGEST,
        version="1",
        key=avatar.key,
        sha256=avatar.sha256,
        bytes=avatar.bytes,
    )
    LogEntry.objects.create(
        user=person,
        content_type=ContentType.objects.get_for_model(User),
        object_id="1",
        object_repr=mine,
        action_flag=CHANGE,
        change_message=mine,
    )
    PolicyNotice.objects.create(user=person, version=PolicyVersion.objects.get())


def _money(person: User, mine: str) -> None:
    ledger.grant(user=person, amount=500, source="promo", source_ref=mine)
    Freeze.objects.create(
        account=Account.objects.get(user=person), ref=mine, reason=mine, lifted_at=timezone.now()
    )
    Order.objects.create(user=person, lookup_key="pack_small", session_id=mine)
    customer = Customer.objects.create(user=person, stripe_id=mine)
    plan = Subscription.objects.create(
        customer=customer, stripe_id=mine, lookup_key=mine, status="canceled", asked_at=timezone.now()
    )
    PlanEnding.objects.create(subscription=plan, payment_intent=mine, refund_id=mine)


def _document(person: User, picture: Picture, mine: str) -> None:
    document = opening.from_reference(user=person, reference=f"picture:{picture.pk}")
    client = Client()
    client.force_login(person)
    answer: Any = send(client, document, [a_stroke(document.head)])
    assert answer.status_code == 200, json.loads(answer.content)
    document.refresh_from_db()
    assert document.head is not None
    Version.objects.create(document=document, operation=document.head, name=mine)
    an_order(document, words=mine)
    Document.objects.filter(pk=document.pk).update(title=mine)
