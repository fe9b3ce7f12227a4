"""The personal data of generation: requests, uploads and pictures."""

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from billing.plans import definitions
from generation.avatars import copying as avatar_copying
from generation.files import copying
from generation.pictures import trash
from image2.lib.personal_data import Basis, Category, Kept, ModelData

_UNTIL_DELETED = format_lazy(
    _("Until you delete it; then {days} days in the trash, and then its files are deleted"),
    days=settings.TRASH_DAYS,
)
_UPLOADS = format_lazy(
    _(
        "Until you delete it, or {days} days after it was last used, once no picture of yours was made from it; its "
        "files are deleted {hours} hour later"
    ),
    days=settings.UPLOAD_UNUSED_DAYS,
    hours=int(trash.UNDO.total_seconds() // 3600),
)
_PICTURES = (
    format_lazy(
        "{until}. {plan}",
        until=_UNTIL_DELETED,
        plan=_("Some plans keep pictures for a limited time; the pricing page says how long"),
    )
    if any(plan.retention_days for plan in definitions.plans())
    else _UNTIL_DELETED
)
_RESULTS = format_lazy(
    _(
        "Until you use or keep the result; {days} days if you do neither, and then it is deleted with its files"
    ),
    days=settings.RESULT_DAYS,
)
_WORDS = format_lazy(
    _(
        "Until the last picture of the job is deleted for good, or you delete the job; {days} days if it made no "
        "picture"
    ),
    days=settings.TRASH_DAYS,
)
_IN_THE_INDEX = _("Until you delete the pictures for good; the index forgets their words within minutes")
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
                fields=(
                    "id",
                    "name",
                    "width",
                    "height",
                    "mask_box",
                    "is_listed",
                    "created_at",
                    "used_at",
                    "deleted_at",
                    "taken_down_at",
                ),
                category=Category.CONTENT,
                purpose=_(
                    "To draw from a picture you uploaded; its metadata (place, camera) is removed on arrival"
                ),
                basis=Basis.CONTRACT,
                retention=_UPLOADS,
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
                fields=("request",),
                category=Category.CONTENT,
                purpose=_("To make the pictures you asked for, and to make them again"),
                basis=Basis.CONTRACT,
                retention=_WORDS,
            ),
            Kept(
                fields=(
                    *("id", "kind", "model", "size", "count", "price", "state", "error_code"),
                    "request_deleted_at",
                ),
                category=Category.CONTENT,
                purpose=_("To show what your credits were spent on"),
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
            "needs": _MACHINERY,
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
        model="generation.TakeDown",
        owner="person",
        export_name="take_downs",
        kept=(
            Kept(
                fields=(
                    *("person", "picture_id", "upload_id", "ground", "statement", "taken_at", "lifted_at"),
                    *("notified_at", "lift_notified_at"),
                ),
                category=Category.CONTENT,
                purpose=_(
                    "To tell you why we made a picture or an upload of yours unreachable, and to look again"
                    " if you appeal"
                ),
                basis=Basis.LEGAL_OBLIGATION,
                retention=format_lazy(_("{days} days"), days=settings.AUDIT_DAYS),
            ),
        ),
        impersonal={"id": _RANDOM},
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
                    *("favourite_at", "created_at", "deleted_at", "taken_down_at"),
                ),
                category=Category.CONTENT,
                purpose=_("To keep your history: every picture with what it was made from"),
                basis=Basis.CONTRACT,
                retention=_PICTURES,
            ),
            Kept(
                fields=("kept",),
                category=Category.CONTENT,
                purpose=_("To let you choose among the results that you ordered in the editor"),
                basis=Basis.CONTRACT,
                retention=_RESULTS,
            ),
            Kept(
                fields=("search_text",),
                category=Category.CONTENT,
                purpose=_("To find your pictures by the words of their prompts"),
                basis=Basis.CONTRACT,
                retention=_PICTURES,
                exported=False,
                not_exported_because="the prompt, which is exported, in the spelling of the search",
            ),
            Kept(
                fields=("training_allowed",),
                category=Category.CONTENT,
                purpose=_(
                    "To know whether you allow training on this picture; you can withdraw that at any time"
                ),
                basis=Basis.CONSENT,
                retention=_PICTURES,
            ),
        ),
        impersonal={
            "owner": _LINK,
            "search_segment": "where the index of the search holds the picture",
            "favourite_segment": "where the index of the search holds the favourite",
        },
    ),
    ModelData(
        model="generation.SearchSegment",
        owner="owner",
        kept=(
            Kept(
                fields=("entries", "newest_at", "oldest_at"),
                category=Category.CONTENT,
                purpose=_("To find your pictures by their words: which pictures a part of the index holds"),
                basis=Basis.CONTRACT,
                retention=_IN_THE_INDEX,
                exported=False,
                not_exported_because="an index of what is exported; it is rebuilt from it",
            ),
        ),
        impersonal={"id": _RANDOM, "owner": _LINK, "listing": _MACHINERY, "stale": _MACHINERY},
    ),
    ModelData(
        model="generation.SearchToken",
        owner="segment__owner",
        kept=(
            Kept(
                fields=("token", "positions"),
                category=Category.CONTENT,
                purpose=_("To find your pictures by their words: in which pictures a word occurs"),
                basis=Basis.CONTRACT,
                retention=_IN_THE_INDEX,
                exported=False,
                not_exported_because="an index of what is exported; it is rebuilt from it",
            ),
        ),
        impersonal={"segment": _LINK},
    ),
    ModelData(
        model="generation.PictureEnd",
        impersonal={
            "picture": _LINK,
            "notified_at": "when its owner was notified that the plan keeps the picture no longer",
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
        copied=copying.FILES,
        kept=(
            Kept(
                fields=("role", "variant", "format", "sha256", "bytes", "width", "height", "created_at"),
                category=Category.CONTENT,
                purpose=_(
                    "To find the files of your pictures, and to prove that they are unchanged. One of them says what"
                    " stands where in a picture, so that parts of it can be edited"
                ),
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
        model="generation.Avatar",
        owner="owner",
        export_name="profile_picture",
        storage_key="key",
        copied=avatar_copying.COPIED,
        kept=(
            Kept(
                fields=("side", "version", "key", "sha256", "bytes", "created_at"),
                category=Category.ACCOUNT,
                purpose=_(
                    "To show you the profile picture that you chose, as two small squares; nobody else sees it"
                ),
                basis=Basis.CONTRACT,
                retention=_("Until you remove it"),
            ),
        ),
        impersonal={"id": _RANDOM, "owner": _LINK},
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
        model="generation.Turn",
        impersonal={
            "id": _RANDOM,
            "resource": "what is used: the decoder, the search",
            "caller": "a keyed hash of who uses it now; goes at its end, and within minutes after a crash",
            "place": _MACHINERY,
            "token": "a random number of this use",
            "until": _MACHINERY,
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
            "models": "a machine of the operator",
        },
    ),
    ModelData(
        model="generation.ModerationTotal",
        impersonal={
            "id": _RANDOM,
            "day": "a day",
            "stage": "whether words or a picture were refused",
            "category": "for what; a code, never words of anybody",
            "count": "how often on that day, by everybody together",
        },
    ),
    ModelData(
        model="generation.ModelSwitch",
        impersonal={"model": "a name of the catalogue", "switched_off_at": "when staff switched it off"},
    ),
    ModelData(
        model="generation.ModelExample",
        impersonal={
            "model": "a name of the catalogue",
            "source": "where its weights come from; the operator's own",
            "revision": "where its weights come from; the operator's own",
            "variant": "where its weights come from; the operator's own",
            "weights": "which weights drew it",
            "prompt": "a sentence of ours or the operator's, never of anybody else",
            "seed": "a number of ours",
            "image": "what the model drew of that sentence",
            "width": "its size",
            "height": "its size",
            "made_at": "when staff had it drawn",
        },
    ),
)
