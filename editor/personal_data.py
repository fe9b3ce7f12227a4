"""What the editor knows about people: what they drew, stroke by stroke, and copies of what they drew on."""

from django.conf import settings
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from editor import assets
from image2.lib.personal_data import Basis, Category, Kept, ModelData

_UNTIL_DELETED = format_lazy(
    _("Until you delete the document; then {days} days in the trash, and then everything of it is deleted"),
    days=settings.TRASH_DAYS,
)
_LINK = "leads to the row whose part it is; it goes with that row"
_RANDOM = "a random number that means nothing outside this table"
_MACHINERY = "how the work was scheduled; tells nothing about the person"

DECLARATIONS = (
    ModelData(
        model="editor.Document",
        owner="owner",
        export_name="documents",
        kept=(
            Kept(
                fields=(
                    *("id", "title", "width", "height", "source", "flattened_from", "made_with_ai"),
                    *("head", "seq", "created_at", "updated_at", "deleted_at"),
                ),
                category=Category.CONTENT,
                purpose=_("To keep your documents of the editor"),
                basis=Basis.CONTRACT,
                retention=_UNTIL_DELETED,
            ),
        ),
        impersonal={
            "owner": _LINK,
            "replayed_seq": _MACHINERY,
            "good_head": _MACHINERY,
            "stopped_at": _MACHINERY,
            "stopped_because": _MACHINERY,
        },
    ),
    ModelData(
        model="editor.Operation",
        owner="document__owner",
        export_name="document_operations",
        kept=(
            Kept(
                fields=(
                    *("document", "uid", "parent", "seq", "kind", "engine", "body", "blob", "created_at"),
                ),
                category=Category.CONTENT,
                purpose=_(
                    "To keep every step of your documents, so that each can be undone, also on another device"
                ),
                basis=Basis.CONTRACT,
                retention=_UNTIL_DELETED,
            ),
        ),
        impersonal={
            "row": _RANDOM,
            "outline": "computed from the operations before it, which are exported",
            "outlined_by": "computed from the operations before it, which are exported",
        },
    ),
    ModelData(
        model="editor.Asset",
        owner="document__owner",
        export_name="document_files",
        storage_key="key",
        copied=assets.COPIED,
        kept=(
            Kept(
                fields=(*("document", "sha256", "role", "width", "height", "bytes", "key", "created_at"),),
                category=Category.CONTENT,
                purpose=_("To keep the pictures that your documents stand on, and to open them quickly"),
                basis=Basis.CONTRACT,
                retention=_UNTIL_DELETED,
            ),
        ),
        impersonal={"id": _RANDOM},
    ),
    ModelData(
        model="editor.Snapshot",
        owner="document__owner",
        kept=(
            Kept(
                fields=("document", "operation", "seq", "manifest", "digest", "created_at"),
                category=Category.CONTENT,
                purpose=_("To open your documents quickly"),
                basis=Basis.CONTRACT,
                retention=_UNTIL_DELETED,
                exported=False,
                not_exported_because="it is computed from the operations, which are exported",
            ),
        ),
        impersonal={"id": _RANDOM},
    ),
    ModelData(
        model="editor.Version",
        owner="document__owner",
        export_name="document_versions",
        kept=(
            Kept(
                fields=("document", "operation", "name", "created_at"),
                category=Category.CONTENT,
                purpose=_("To keep the versions that you gave a name"),
                basis=Basis.CONTRACT,
                retention=_UNTIL_DELETED,
            ),
        ),
        impersonal={"id": _RANDOM},
    ),
    ModelData(
        model="editor.Generation",
        owner="document__owner",
        export_name="document_generations",
        kept=(
            Kept(
                fields=(
                    *("document", "uid", "operation", "tool", "model", "asked", "price", "state", "sentence"),
                    *("job", "box", "place", "mask", "used", "created_at", "finished_at", "removed_at"),
                ),
                category=Category.CONTENT,
                purpose=_("To have a model change your documents as you asked, and to show you the results"),
                basis=Basis.CONTRACT,
                retention=format_lazy(
                    _("{days} days, or until you delete it or the document"), days=settings.RESULT_DAYS
                ),
            ),
        ),
        impersonal={"id": _RANDOM},
    ),
    ModelData(
        model="editor.Run",
        impersonal={
            "id": _RANDOM,
            "document": _LINK,
            "generation": _LINK,
            **dict.fromkeys(
                (
                    *("kind", "operation", "format", "claimed_digest", "state", "done", "of", "sentence"),
                    *("picture", "made", "file", "created_at", "not_before", "finished_at"),
                    *("lease_owner", "lease_until", "fence", "attempts"),
                ),
                _MACHINERY + "; it is deleted a day after its end",
            ),
        },
    ),
)
