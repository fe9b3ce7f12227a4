"""Choose one's own picture, from a file or from the history, or remove it."""

from __future__ import annotations

import contextlib
import secrets
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Final, cast
from uuid import UUID

import structlog
from django.core.files.base import File as IncomingFile
from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.people import policies, profiles
from generation.files import serving, storing
from generation.models import Avatar, File, Picture
from generation.uploads import intake

if TYPE_CHECKING:
    from accounts.models import User

log = structlog.get_logger(__name__)

# The shipped text of the policy that names it: none is kept before it is in force.
POLICY: Final = 4
Refused = intake.Refused


def use_file(*, user: User, file: IncomingFile[Any]) -> None:
    """Keep the middle square of this picture, small. Raises Refused, and fair_shares.OverShare."""
    if not policies.in_force(POLICY):
        raise Refused(_("Profile pictures aren't available on this site yet."), cause="policy")
    with intake.opened(caller=user.pk, file=file, squares=Avatar.SIDES) as picture:
        _keep(user, picture.squares)


def use_picture(*, user: User, picture_id: UUID) -> None:
    """Do the same with a picture of their history. Raises Http404, Refused, and fair_shares.OverShare."""
    Picture.objects.visible_to(user).get(pk=picture_id)
    file = _shown(user, picture_id)
    try:
        with storing.opened(file.key) as stored:
            use_file(user=user, file=IncomingFile(stored, name="picture.webp"))
    except storing.StorageError as error:
        log.exception("avatar.storage")
        raise Refused(
            _("Your picture can't be read right now. Try again in a minute."), cause="storage"
        ) from error


def _shown(user: User, picture_id: UUID) -> File:
    """Return the largest of the picture's small files, which is enough; the master where it has none."""
    for role in (File.Role.THUMB_1024, File.Role.THUMB_512, File.Role.THUMB_256):
        with contextlib.suppress(Http404):
            return serving.picture_file(user=user, picture_id=picture_id, role=role)
    return serving.picture_file(user=user, picture_id=picture_id, role=File.Role.MASTER)


def remove(user: User) -> bool:
    """Return whether there was one."""
    with transaction.atomic():
        found = _discard(user)
        profiles.set_avatar(user, "")
    return found


def published(keys: set[str]) -> set[str]:
    """Return those of these keys that somebody's picture needs: storage is never cleared of them."""
    return set(Avatar.objects.filter(key__in=keys).values_list("key", flat=True))


def _keep(user: User, squares: dict[int, IO[bytes]]) -> None:
    version = secrets.token_hex(6)
    rows: list[Avatar] = []
    try:
        for side, file in squares.items():
            stored = storing.store(
                cast(BinaryIO, file), kind="avatar", attempt="avatar", suffix=Avatar.format
            )
            rows.append(
                Avatar(
                    owner=user,
                    side=side,
                    version=version,
                    key=stored.key,
                    sha256=stored.sha256,
                    bytes=stored.bytes,
                )
            )
        with transaction.atomic():
            # One after the other, where two tabs choose at once: the row of the person is locked first.
            profiles.set_avatar(user, version)
            _discard(user)
            Avatar.objects.bulk_create(rows)
    except BaseException:
        # After a kill the sweep finds them.
        storing.discard_keys([row.key for row in rows])
        raise


def _discard(user: User) -> bool:
    rows = Avatar.objects.visible_to(user)
    keys = list(rows.values_list("key", flat=True))
    storing.discard_keys(keys)
    rows.delete()
    return bool(keys)
