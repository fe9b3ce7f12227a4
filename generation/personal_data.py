"""What generation knows about people: what they asked for, what they brought, what they made."""

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing import plans
from image2.lib.personal_data import Basis, Category, Kept, ModelData

_UNTIL_DELETED = format_lazy(
    _("Until you delete it; then {days} days in the trash, and then its files are deleted"),
    days=settings.TRASH_DAYS,
)
_PICTURES = (
    format_lazy(
        "{until}. {plan}",
        until=_UNTIL_DELETED,
        plan=_("Some plans keep pictures for a time only: the page of prices says for how long"),
    )
    if any(plan.retention_days for plan in plans.plans())
    else _UNTIL_DELETED
)
_WITH_ACCOUNT = _("As long as the account exists")
_RANDOM = "a random number that means nothing outside this table"
_LINK = "leads to the row whose part it is; it goes with that row"
_MACHINERY = "how the work was scheduled; tells nothing about the person"

DECLARATIONS = (
    ModelData(
        model="generation.Upload",
        owner="owner",
        export_name="uploads",
        kept=(
            Kept(
                fields=("id", "name", "width", "height", "created_at", "deleted_at"),
                category=Category.CONTENT,
                purpose=_(
                    "To draw from a picture you brought; its metadata (place, camera) is removed on arrival"
                ),
                basis=Basis.CONTRACT,
                retention=_WITH_ACCOUNT,
            ),
        ),
        impersonal={"owner": _LINK},
    ),
    ModelData(
        model="generation.Job",
        owner="owner",
        export_name="jobs",
        kept=(
            Kept(
                fields=("id", "kind", "model", "size", "request", "count", "price", "state", "error_code"),
                category=Category.CONTENT,
                purpose=_("To make the pictures you asked for, and to make them again"),
                basis=Basis.CONTRACT,
                retention=_WITH_ACCOUNT,
            ),
            Kept(
                fields=("gpu_seconds", "created_at", "started_at", "finished_at", "cancel_requested_at"),
                category=Category.TECHNICAL,
                purpose=_(
                    "To share the machines fairly, to estimate waiting times and to look into failures"
                ),
                basis=Basis.LEGITIMATE_INTEREST,
                retention=_WITH_ACCOUNT,
            ),
        ),
        impersonal={
            "owner": _LINK,
            "idempotency_key": "a random number of the form that was sent",
            "lane": _MACHINERY,
            "batch_key": _MACHINERY,
            "weight": _MACHINERY,
            "stage_seconds": _MACHINERY,
            "not_before": _MACHINERY,
            "lease_owner": _MACHINERY,
            "lease_until": _MACHINERY,
            "fence": _MACHINERY,
            "attempts": _MACHINERY,
        },
    ),
    ModelData(
        model="generation.JobProgress",
        impersonal={
            "job": _LINK,
            "revision": _MACHINERY,
            "stage": _MACHINERY,
            "step": _MACHINERY,
            "of": _MACHINERY,
            "picture": _MACHINERY,
            "updated_at": _MACHINERY,
        },
    ),
    ModelData(
        model="generation.JobPreview",
        owner="job__owner",
        kept=(
            Kept(
                fields=("image",),
                category=Category.CONTENT,
                purpose=_("To show you a picture while it is being made"),
                basis=Basis.CONTRACT,
                retention=_WITH_ACCOUNT,
                exported=False,
                not_exported_because="the finished picture is exported in its place",
            ),
        ),
        impersonal={"id": _RANDOM, "job": _LINK, "index": _MACHINERY, "number": _MACHINERY},
    ),
    ModelData(
        model="generation.Picture",
        owner="owner",
        export_name="pictures",
        kept=(
            Kept(
                fields=(
                    *(
                        "id",
                        "prompt",
                        "recipe",
                        "model",
                        "model_revision",
                        "seed",
                        "width",
                        "height",
                        "index",
                        "job",
                    ),
                    *("favourite_at", "created_at", "deleted_at"),
                ),
                category=Category.CONTENT,
                purpose=_("To keep your history: every picture with what it was made from"),
                basis=Basis.CONTRACT,
                retention=_PICTURES,
            ),
            Kept(
                fields=("training_allowed",),
                category=Category.CONTENT,
                purpose=_("To know whether you allowed training when the picture was made"),
                basis=Basis.CONSENT,
                retention=_PICTURES,
            ),
        ),
        impersonal={"owner": _LINK},
    ),
    ModelData(
        model="generation.PictureEnd",
        impersonal={
            "picture": _LINK,
            "told_at": "when its owner was told that the plan keeps the picture no longer",
            "ends_at": "when it goes to the trash",
        },
    ),
    ModelData(
        model="generation.Lineage",
        owner="child__owner",
        export_name="lineage",
        kept=(
            Kept(
                fields=("child", "parent", "upload", "role"),
                category=Category.CONTENT,
                purpose=_("To show which picture was made from which"),
                basis=Basis.CONTRACT,
                retention=_UNTIL_DELETED,
            ),
        ),
        impersonal={"id": _RANDOM},
    ),
    ModelData(
        model="generation.File",
        owner=("picture__owner", "upload__owner"),
        export_name="files",
        storage_key="key",
        kept=(
            Kept(
                fields=("role", "variant", "format", "sha256", "bytes", "width", "height", "created_at"),
                category=Category.CONTENT,
                purpose=_("To find the files of your pictures, and to prove that they are unchanged"),
                basis=Basis.CONTRACT,
                retention=_UNTIL_DELETED,
            ),
            Kept(
                fields=("key", "picture", "upload"),
                category=Category.CONTENT,
                purpose=_("To find the files of your pictures; a random name in private storage"),
                basis=Basis.CONTRACT,
                retention=_UNTIL_DELETED,
            ),
        ),
        impersonal={"id": _RANDOM},
    ),
    ModelData(
        model="generation.StorageDeletion",
        impersonal={
            "id": _RANDOM,
            "key": "the random name of an object that is about to be deleted; leads to nobody",
            "due_at": _MACHINERY,
            "attempts": _MACHINERY,
            "created_at": _MACHINERY,
        },
    ),
    ModelData(
        model="generation.Worker",
        impersonal={
            "name": "a machine of the operator",
            "lane": "a machine of the operator",
            "device": "a machine of the operator",
            "started_at": "a machine of the operator",
            "heartbeat_at": "a machine of the operator",
            "is_loading": "a machine of the operator",
        },
    ),
)
