"""Orders by the command line in a person's name: their files become uploads, and the site draws and charges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.core.files import File
from django.core.management.base import CommandError
from django.utils.translation import gettext as _
from PIL import Image

from accounts.models import User
from generation.fair_shares import OverShare
from generation.jobs import refusals, submission
from generation.models import Job
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.uploads import intake, masks
from image2.lib.ids import new_id


def find(address: str) -> User:
    """Return the person with this address. Raises CommandError."""
    try:
        return User.objects.get_by_natural_key(address)
    except User.DoesNotExist:
        raise CommandError(
            _("There is no account with the address %(address)s.") % {"address": address}
        ) from None


def check(person: User, request: GenerationRequest) -> None:
    """Raise CommandError for what this person can't order or pay now."""
    with _said():
        submission.check(person, request)


def bring(person: User, references: Sequence[Path], mask: Path | None) -> tuple[tuple[str, ...], str]:
    """Upload the files for this person; return what a request calls them. Raises CommandError."""
    names = []
    with _said():
        for path in references:
            with path.open("rb") as file:
                names.append(f"upload:{intake.ingest(user=person, file=File(file, name=path.name)).pk}")
        if mask is None:
            return tuple(names), ""
        with Image.open(mask) as picture:
            return tuple(names), f"upload:{masks.keep(user=person, mask=picture.convert('L')).pk}"


def submit(person: User, request: GenerationRequest) -> Job:
    """Submit it. Raises CommandError; then nothing is charged."""
    with _said():
        return submission.submit(user=person, request=request, idempotency_key=str(new_id()))


@contextmanager
def _said() -> Iterator[None]:
    """Turn every refusal into the sentence that a person would read."""
    try:
        yield
    except refusals.REFUSED as error:
        raise CommandError(refusals.refusal(error).sentence) from error
    except InvalidRequest as error:
        raise CommandError(" ".join(map(str, error.errors.values()))) from error
    except intake.Refused as error:
        raise CommandError(str(error)) from error
    except OverShare as error:
        raise CommandError(error.sentence) from error
