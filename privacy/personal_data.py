"""The personal data of privacy: notices of policy versions, copies of data, erasures, and support (its own list)."""

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from image2.lib.personal_data import Basis, Category, Erased, Kept, ModelData
from privacy.support import personal_data as support

_COPY = format_lazy(_("{days} days after it was made, or until you delete it"), days=settings.EXPORT_DAYS)
_COPIES = format_lazy(
    _("{days} days after it was made; that there was one, {days} days longer"), days=settings.EXPORT_DAYS
)
_LINK = "leads to the row whose part it is; it goes with that row"
_MACHINERY = "how the work was scheduled; tells nothing about the person"
_TO_COPY = _("To make the copy of your data that you asked for, and to let you download it")

DECLARATIONS = (
    ModelData(
        model="privacy.PolicyVersion",
        impersonal={
            "id": "a running number",
            "version": "public text",
            "published_at": "public text",
            "effective_at": "public text",
            "summary": "public text",
            "body": "public text",
            "requires_acceptance": "public text",
            "covers": "public text",
        },
    ),
    ModelData(
        model="privacy.PolicyNotice",
        owner="user",
        export_name="policy_notices",
        kept=(
            Kept(
                fields=("version", "sent_at"),
                category=Category.ACCOUNT,
                purpose=_("To tell you once, and only once, of a coming policy"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=_("As long as the account exists"),
            ),
        ),
        impersonal={
            "id": "a running number",
            "user": "identifies the person; it is deleted with the row",
        },
    ),
    ModelData(
        model="privacy.Export",
        owner="user",
        export_name="copies",
        kept=(
            Kept(
                fields=("id", "state", "left_out", "created_at", "finished_at", "mailed_at"),
                category=Category.ACCOUNT,
                purpose=_TO_COPY,
                basis=Basis.LEGAL_OBLIGATION,
                retention=_COPIES,
            ),
        ),
        impersonal={
            "user": "identifies the person; the row is deleted soon after them",
            **dict.fromkeys(
                (
                    *("done", "of", "sentence", "planned_at", "place", "refusals", "not_before"),
                    *("lease_owner", "lease_until", "fence", "attempts"),
                ),
                _MACHINERY,
            ),
        },
    ),
    ModelData(
        model="privacy.ExportPlan",
        owner="export__user",
        kept=(
            Kept(
                fields=("files",),
                category=Category.ACCOUNT,
                purpose=_TO_COPY,
                basis=Basis.LEGAL_OBLIGATION,
                retention=_COPY,
                exported=False,
                not_exported_because="the names of files that are in the copy themselves",
            ),
        ),
        impersonal={"id": "a running number", "export": _LINK, "number": _MACHINERY, "model": _MACHINERY},
    ),
    ModelData(
        model="privacy.ExportPart",
        owner="export__user",
        storage_key="key",
        kept=(
            Kept(
                fields=("number", "key", "bytes", "files", "sha256", "format", "created_at"),
                category=Category.ACCOUNT,
                purpose=_TO_COPY,
                basis=Basis.LEGAL_OBLIGATION,
                retention=_COPY,
                exported=False,
                not_exported_because="it is a part of the copy itself",
            ),
        ),
        impersonal={"id": "a running number", "export": _LINK},
    ),
    ModelData(
        model="privacy.ExportDraft",
        owner="export__user",
        storage_key="key",
        kept=(
            Kept(
                fields=("key", "tail", "entries", "left_out"),
                category=Category.ACCOUNT,
                purpose=_TO_COPY,
                basis=Basis.LEGAL_OBLIGATION,
                retention=_("Until the part of the copy is finished, or the copy is cancelled"),
                exported=False,
                not_exported_because="it is a part of the copy itself",
            ),
        ),
        impersonal={
            "export": _LINK,
            "is_paused": _MACHINERY,
            "written": _MACHINERY,
            "place": _MACHINERY,
        },
    ),
    *support.DECLARATIONS,
    ModelData(
        model="privacy.Erasure",
        owner="user",
        export_name="deletions",
        kept=(
            Kept(
                fields=("user",),
                category=Category.ACCOUNT,
                purpose=_("To delete the account that you asked us to delete"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=_("Until the account is deleted"),
                erased=Erased.CLEARED,
                exported=False,
                not_exported_because="it is a random number that leads to the person the export is of",
            ),
            Kept(
                fields=(
                    *("account_hash", "state", "cause", "ordered_at", "due_at", "mailed_at", "begun_at"),
                    *("finished_at", "counts", "payment", "receipt_sha256", "receipt_sent_at"),
                ),
                category=Category.ACCOUNT,
                purpose=_(
                    "To show that your account was deleted, and to delete it again if a backup brings it back"
                ),
                basis=Basis.LEGAL_OBLIGATION,
                retention=_(
                    "Without an end, and without you: a hash of a random number, dates, and how much was deleted"
                ),
                erased=Erased.PSEUDONYM,
            ),
            Kept(
                fields=("address",),
                category=Category.ACCOUNT,
                purpose=_("To send you the receipt when everything is deleted"),
                basis=Basis.LEGAL_OBLIGATION,
                retention=_("From the deletion until the receipt is sent, 7 days at most"),
                erased=Erased.LATER,
            ),
        ),
        impersonal={
            "id": "a random number",
            "was_active": "a switch of the operator",
            "last_object": "which of the objects in storage was the last to be deleted",
            **dict.fromkeys(
                ("not_before", "plans_stopped_at", "lease_owner", "lease_until", "fence", "attempts"),
                _MACHINERY,
            ),
        },
    ),
)
