"""Something of alice's for every kind of parameter that a route may have, so that bob can try to reach it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import URLPattern, reverse
from django.utils import timezone
from PIL import Image

from accounts.models import KnownBrowser, User
from billing import ledger
from billing.models import Customer, Subscription
from editor import assets, documents, opening
from editor.models import Asset, Document, Run
from generation.jobs import submission
from generation.models import Avatar, File, Job, JobPreview, Picture, TakeDown, Upload
from generation.pictures import trash
from image2.lib.ids import new_id
from privacy.models import Export, ExportPart, Ticket
from tests.editor.ordering import an_order
from tests.generation.web.makers import a_request, make_job, make_picture

# Parameters that name no row of anybody.
PLAIN: dict[str, Any] = {
    "index": 0,
    "key": "rain",
    "model": "bundled",
    "number": 1,
    "role": "master",
    "form": "png",
    "version": "2",
    "lookup_key": "no-such-offer",
    "part": 1,
    "secret": "no-such-secret",
    "token": "no-such-link",
    "font": "own-none",
}


OF_ORDERS = (
    *("editor:order", "editor:order-cancel", "editor:order-remove"),
    *("editor:result-use", "editor:result-keep", "editor:result-remove", "editor:result-restore"),
)


def a_picture(owner: User, **fields: Any) -> Any:
    """A picture with the bytes of its master."""
    picture = make_picture(owner, thumbnails=False, **fields)
    _store(owner, picture=picture)
    return picture.pk


def a_thrown_away_picture(owner: User) -> Any:
    return a_picture(owner, deleted_at=timezone.now())


def a_take_down(owner: User) -> Any:
    picture = Picture.objects.get(pk=a_picture(owner, taken_down_at=timezone.now()))
    return TakeDown.objects.create(
        person=owner, picture_id=picture.pk, ground="rights", statement="It copies a painting."
    ).pk


def an_act_of_throwing_away(owner: User) -> Any:
    now = timezone.now()
    a_picture(owner, deleted_at=now)
    return trash.act_at(now)


def an_act_of_deleting_uploads(owner: User) -> Any:
    now = timezone.now()
    trash.delete_uploads(user=owner, uploads=[an_upload(owner)], at=now)
    return trash.act_at(now)


def a_file(owner: User) -> Any:
    return File.objects.get(picture=a_picture(owner)).pk


def an_upload(owner: User) -> Any:
    upload = Upload.objects.create(owner=owner, name="cat.png", width=8, height=8)
    _store(owner, upload=upload)
    return upload.pk


def a_job(owner: User) -> Any:
    ledger.grant(user=owner, amount=100, source="promo", source_ref=f"owned:{owner.pk}")
    job = submission.submit(user=owner, request=a_request(), idempotency_key=str(new_id()))
    JobPreview.objects.create(job=job, index=0, number=1, image=b"x")
    return job.pk


def a_finished_job(owner: User) -> Any:
    return make_job(owner, Job.State.FAILED).pk


def a_session(owner: User) -> Any:
    return UserSession.objects.create(
        user=owner, ip="127.0.0.0", session_key=f"of-{owner.pk.hex[:30]}", data={}
    ).pk


def a_known_browser(owner: User) -> Any:
    return KnownBrowser.objects.create(user=owner, token_hash="0" * 64, label="Firefox on Linux").pk


def a_ticket(owner: User) -> Any:
    return Ticket.objects.create(user=owner, email=owner.email, category="other").pk


def a_copy_of_the_data(owner: User) -> Any:
    export = Export.objects.create(user=owner, state=Export.State.DONE, finished_at=timezone.now())
    key = default_storage.save(f"export/test/{owner.pk}.zip", ContentFile(b"a zip file"))
    ExportPart.objects.create(export=export, number=1, key=key, bytes=10, files=1, sha256="0" * 64)
    return export.pk


def a_document(owner: User) -> Any:
    return opening.blank(user=owner, width=8, height=8, rgba=0xFFFFFFFF).pk


def a_thrown_away_document(owner: User) -> Any:
    pk = a_document(owner)
    documents.throw_away(user=owner, document_id=pk)
    return pk


def a_passkey(owner: User) -> Any:
    return Authenticator.objects.create(
        user=owner, type="webauthn", data={"name": "Key", "credential": {}}
    ).pk


def a_connected_account(owner: User) -> Any:
    return SocialAccount.objects.create(user=owner, provider="github", uid=owner.pk.hex).pk


def an_avatar(owner: User) -> Any:
    key = default_storage.save(f"avatar/test/{owner.pk}.webp", ContentFile(b"a picture"))
    version = PLAIN["version"]
    return Avatar.objects.create(
        owner=owner, side=96, version=version, key=key, sha256="0" * 64, bytes=9
    ).side


def a_plan(owner: User) -> Any:
    customer = Customer.objects.create(user=owner, stripe_id=f"cus_{owner.pk.hex}")
    return Subscription.objects.create(
        customer=customer,
        stripe_id=f"sub_{owner.pk.hex}",
        lookup_key="pro_monthly",
        status="active",
        asked_at=timezone.now(),
    ).pk


def url_of_a_part(name: str, owner: User) -> str:
    """The address of something that belongs to a document: both parameters have to fit together."""
    document = Document.objects.get(pk=a_document(owner))
    if name in ("editor:run", "editor:file"):
        assert document.head is not None
        file = assets.keep(document, b"bytes of a file", Asset.Role.FILE, suffix="psd")
        made = Run.objects.create(
            document=document, kind=Run.Kind.EXPORT, operation=document.head, format="psd", file=file
        )
        return reverse(name, args=[document.pk, made.pk])
    if name in OF_ORDERS:
        made_by_rows = an_order(document)
        index = [0] if name.startswith("editor:result") else []
        return reverse(name, args=[document.pk, made_by_rows.uid, *index])
    role = Asset.Role.THUMBNAIL if name == "editor:thumbnail" else Asset.Role.PICTURE
    asset = assets.keep(document, b"bytes of a picture", role)
    return reverse(name, args=[document.pk, asset.sha256])


# By parameter; "route:parameter" where a route needs its row in a special state.
MAKERS: dict[str, Callable[[User], Any]] = {
    "picture_id": a_picture,
    "generation:picture-restore:picture_id": a_thrown_away_picture,
    "act": an_act_of_throwing_away,
    "decision_id": a_take_down,
    "upload_act": an_act_of_deleting_uploads,
    "file_id": a_file,
    "upload_id": an_upload,
    "job_id": a_job,
    "generation:job-again:job_id": a_finished_job,
    "accounts:end_session:pk": a_session,
    "accounts:remove_browser:pk": a_known_browser,
    "privacy:ticket:pk": a_ticket,
    "privacy:ticket_close:pk": a_ticket,
    "privacy:ticket_delete:pk": a_ticket,
    "privacy:ticket_attachment:pk": a_ticket,
    "plan_id": a_plan,
    "export_id": a_copy_of_the_data,
    "document_id": a_document,
    "editor:restore:document_id": a_thrown_away_document,
    "editor:purge:document_id": a_thrown_away_document,
    "mfa_remove_webauthn:pk": a_passkey,
    "mfa_edit_webauthn:pk": a_passkey,
    "generation:avatar:side": an_avatar,
    "socialaccount_disconnect:pk": a_connected_account,
}


def parameters(text: str) -> list[str]:
    return re.findall(r"<(?:\w+:)?(\w+)>", text)


def url_of(name: str, text: str, pattern: URLPattern, owner: User) -> str:
    """The route's address with rows of the owner in it. A parameter that nobody makes is an error to mend here."""
    if name in ("editor:run", "editor:file", "editor:asset", "editor:thumbnail", *OF_ORDERS):
        return url_of_a_part(name, owner)
    values = {}
    for parameter in parameters(text):
        make = MAKERS.get(f"{name}:{parameter}") or MAKERS.get(parameter)
        values[parameter] = make(owner) if make else PLAIN[parameter]
    return reverse(name, kwargs=values)


def names_a_row(name: str, text: str) -> bool:
    return any(f"{name}:{parameter}" in MAKERS or parameter in MAKERS for parameter in parameters(text))


def _store(owner: User, **of: Any) -> None:
    png = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(png, "PNG")
    key = default_storage.save(f"test/{owner.pk}.png", ContentFile(png.getvalue()))
    File.objects.create(
        **of, role="master", format="png", key=key, sha256="0" * 64, bytes=png.tell(), width=8, height=8
    )
