"""What the hub has of a model at its pinned revision: names, sizes and hashes, asked before anything is downloaded."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from generation.hub.places import HubError
from generation.requests.catalogue import Entry

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")
_SECONDS: Final = 20.0
# Read beside the weights: settings, vocabularies, the licence. A tokenizer's template is rendered in a sandbox.
_TEXTS: Final = {".json", ".txt", ".model", ".jinja", ".md"}
_WEIGHTS: Final = re.compile(r"[^.]+(?:\.(?P<variant>[^.]+?))?(?:-\d+-of-\d+)?\.safetensors")


@dataclass(frozen=True, slots=True)
class File:
    """One file of the hub. Large ones are named by the SHA-256 of their content, small ones by git's hash of it."""

    name: str
    size: int
    sha256: str
    git: str


@dataclass(frozen=True, slots=True)
class Listing:
    source: str
    revision: str
    licence: str
    files: tuple[File, ...]


def endpoint() -> str:
    """HF_ENDPOINT names a mirror, as everywhere in the hub's own tools."""
    return os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")


def ask(entry: Entry) -> Listing:
    """Raises HubError for a revision that is no commit, moved or is gone, and for a hub that doesn't answer."""
    if not _COMMIT.fullmatch(entry.revision):
        said = f"{entry.revision!r} is no commit" if entry.revision else "no revision is pinned"
        raise HubError(
            f"{entry.id}: {said}, and a branch moves. Review the model at "
            f"{endpoint()}/{entry.source}/commits/main, and give revision the 40 digits of that commit."
        )
    info = _info(entry)
    if info.sha != entry.revision:
        raise HubError(
            f"{entry.id}: the revision moved: the hub answers {entry.revision[:12]}… with {str(info.sha)[:12]}…. "
            "Nothing was downloaded. Review the new commit, and give revision its 40 digits."
        )
    files = tuple(_file(sibling) for sibling in info.siblings or ())
    card = info.card_data.to_dict() if info.card_data else {}
    return Listing(entry.source, entry.revision, str(card.get("license", "")), files)


def _info(entry: Entry):  # type: ignore[no-untyped-def]
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return HfApi(endpoint=endpoint()).model_info(
            entry.source, revision=entry.revision, files_metadata=True, timeout=_SECONDS
        )
    except GatedRepoError as error:
        raise HubError(
            f"{entry.id}: {entry.source} asks for an account: accept its terms there, and set HF_TOKEN."
        ) from error
    except RevisionNotFoundError as error:
        raise HubError(
            f"{entry.id}: the hub has no revision {entry.revision[:12]}… of {entry.source}: it moved or was "
            "withdrawn. Nothing was downloaded. Review what is there now, and give revision its 40 digits."
        ) from error
    except RepositoryNotFoundError as error:
        raise HubError(
            f"{entry.id}: the hub has no model {entry.source}. Check source in the catalogue file."
        ) from error
    except (HfHubHTTPError, OSError, ValueError) as error:
        raise HubError(f"{entry.id}: {endpoint()} doesn't answer as the hub does: {_first(error)}") from error
    except Exception as error:
        if type(error).__module__.split(".")[0] not in ("httpx", "httpx2", "httpcore", "httpcore2"):
            raise
        raise HubError(
            f"{entry.id}: {endpoint()} can't be reached ({_first(error)}). Try again later, or set HF_ENDPOINT."
        ) from error


def _first(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _file(sibling) -> File:  # type: ignore[no-untyped-def]
    name = str(sibling.rfilename)
    # A name leads to a path on this disk: nothing may leave the folder.
    if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts or "\\" in name:
        raise HubError(
            f"The hub's list has the file name {name!r}, which leaves the folder. Nothing was downloaded."
        )
    return File(
        name, int(sibling.size or 0), sibling.lfs.sha256 if sibling.lfs else "", str(sibling.blob_id or "")
    )


def texts(files: Iterable[File], folders: Iterable[str]) -> list[File]:
    """The files beside the weights: at the top, and in the folders of the pipeline's parts."""
    wanted = {"", *folders}
    return [
        file
        for file in files
        if PurePosixPath(file.name).suffix in _TEXTS and file.name.rpartition("/")[0].split("/")[0] in wanted
    ]


def weights(files: Iterable[File], folder: str, variant: str) -> list[File]:
    """The weights of one part: those of the variant where it has them, else the plain ones, as diffusers looks."""
    inside = [file for file in files if file.name.rpartition("/")[0] == folder]
    found = [(file, match["variant"] or "") for file in inside if (match := _match(file.name))]
    of_variant = [file for file, has in found if has == variant]
    return of_variant or [file for file, has in found if not has]


def _match(name: str) -> re.Match[str] | None:
    return _WEIGHTS.fullmatch(name.rpartition("/")[2])
