"""Folders of weights: found, checked to hold data and no code, and named by what is in them."""

import hashlib
from pathlib import Path
from typing import Final

from generation.engine.contract import ModelUnavailable
from generation.hub import places, safety
from generation.hub.places import HubError
from generation.requests.catalogue import Entry

_WHOLE_BELOW: Final = 64 * 1024 * 1024
_SAMPLE: Final = 8 * 1024 * 1024


def locate(entry: Entry) -> Path:
    """The local folder of a model: the entry's own, a pulled one, or the hub's cache. Raises ModelUnavailable.

    Nothing is downloaded here: a worker with a job doesn't wait for gigabytes that nobody has looked at.
    """
    folder = places.find(entry) or _cached(entry)
    refuse_unsafe(folder)
    return folder


def is_here(entry: Entry) -> bool:
    """Whether its weights are on this machine, whatever is in them."""
    try:
        return bool(places.find(entry) or _cached(entry))
    except ModelUnavailable:
        return False


def refuse_unsafe(folder: Path) -> None:
    """Weights are safetensors and JSON. Raises ModelUnavailable for anything that could run when it is loaded."""
    try:
        safety.refuse_folder(folder)
    except HubError as error:
        raise ModelUnavailable(str(error)) from error


def revision(folder: Path, entry: Entry) -> str:
    """What a recipe calls these weights: the commit, or a digest of the folder's content."""
    return entry.revision or digest(folder)


def digest(folder: Path) -> str:
    """Of every file's name, size and content."""
    found = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.update(f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode())
        found.update(_content(path))
    return f"sha256:{found.hexdigest()[:32]}"


def _content(path: Path) -> bytes:
    """The whole of a small file; of a large one the start and the end, which any training changes."""
    with path.open("rb") as file:
        if path.stat().st_size <= _WHOLE_BELOW:
            return hashlib.file_digest(file, "sha256").digest()
        start = file.read(_SAMPLE)
        file.seek(-_SAMPLE, 2)
        return hashlib.sha256(start + file.read()).digest()


def _cached(entry: Entry) -> Path:
    """What an older version of the site downloaded into the hub's cache."""
    from huggingface_hub import snapshot_download  # slow to import, the bundled model has no use for it
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        return Path(snapshot_download(entry.source, revision=entry.revision or None, local_files_only=True))
    except (LocalEntryNotFoundError, ValueError, OSError) as error:
        raise ModelUnavailable(
            f"{entry.id}: its weights aren't on this machine. Run: manage.py models pull {entry.id}"
        ) from error
