"""The files of a copy that explain the others: a text for people, and every field in plain words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

from image2.lib.personal_data import Kept, ListElsewhere, ModelData
from privacy.data import inventory

FORMAT: Final = "image2-export/1"


def files(
    lists: Sequence[ModelData], elsewhere: Sequence[ListElsewhere], made_at: datetime
) -> list[tuple[str, bytes]]:
    """Return README.txt and schema.json."""
    return [("README.txt", _text(made_at).encode()), ("schema.json", _json(schema(lists, elsewhere)))]


def schema(lists: Sequence[ModelData], elsewhere: Sequence[ListElsewhere]) -> dict[str, Any]:
    """Return what each list and each of its fields is, what it is kept for and for how long."""
    described = {declared.export_name: _described(declared) for declared in lists}
    for each in elsewhere:
        fields = {name: {"what": force_str(what)} for name, what in each.fields.items()}
        described[each.export_name] = {"what": force_str(each.what), "fields": fields}
    return {"format": FORMAT, "lists": described}


def manifest(
    *, number: int, made_at: datetime, entries: Sequence[Sequence[Any]], left_out: list[Any]
) -> bytes:
    """Return the list of a part's files, with size and SHA-256 of each, and of what isn't there."""
    files = [{"path": entry[0], "bytes": entry[3], "sha256": entry[6]} for entry in entries]
    content: dict[str, Any] = {
        "format": FORMAT,
        "part": number,
        "made_at": made_at.isoformat(),
        "files": files,
    }
    content["left_out"] = [{"path": path, "because": why} for path, why in left_out]
    return _json(content)


def _described(declared: ModelData) -> dict[str, Any]:
    options = apps.get_model(declared.model)._meta  # noqa: SLF001  (Django's documented way to a model's fields)
    fields = {
        name: _field(options.get_field(name), name, group)
        for group in declared.kept
        if group.exported
        for name in group.fields
    }
    not_here = {
        name: group.not_exported_because
        for group in declared.kept
        if not group.exported
        for name in group.fields
    }
    return {"what": force_str(options.verbose_name), "fields": fields} | (
        {"not_in_the_copy": not_here} if not_here else {}
    )


def _field(field: Any, name: str, group: Kept) -> dict[str, str]:
    return {
        "what": inventory.plain_name(field),
        "kept_for": force_str(group.purpose),
        "kept_until": force_str(group.retention),
        "category": force_str(group.category.label),
        "type": _type(field),
    }


def _type(field: Any) -> str:
    if field.is_relation:
        return _("the id of another entry")
    kind = field.get_internal_type()
    return {
        "BinaryField": _("bytes, written as Base64"),
        "BooleanField": _("true or false"),
        "DateTimeField": _("date and time (ISO 8601, UTC)"),
        "JSONField": _("JSON"),
        "UUIDField": _("an id"),
    }.get(kind, _("a number") if "Integer" in kind or kind in ("FloatField", "DecimalField") else _("text"))


def _text(made_at: datetime) -> str:
    return _(
        "This is the copy of your data that you asked %(site)s for on %(day)s.\n\n"
        "data/         lists, as JSON: one file a list; a long one goes on in files with a number\n"
        "schema.json   what each list and each of its fields is, in plain words\n"
        "pictures/     your pictures as PNG files, and beside each how it was made (.recipe.json)\n"
        "uploads/      the pictures you brought\n"
        "documents/    the pictures that your documents of the editor stand on; the steps are in "
        "data/document_operations.json\n"
        "manifest.json the size and the SHA-256 of every file; each part of the copy has its own, with its number\n\n"
        "What was deleted while the copy was made is not in it. The last manifest lists it under left_out.\n"
    ) % {"site": settings.SITE_URL, "day": made_at.date().isoformat()}


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


__all__ = ["FORMAT", "files", "manifest", "schema"]
