"""Pull a model at its pinned revision: refused, measured and checked before the large files are downloaded."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from http import HTTPStatus
from pathlib import Path
from typing import Final

from generation.hub import listing, places, safety
from generation.hub.listing import File, Listing
from generation.hub.places import HubError, amount
from generation.requests.catalogue import Entry

# Called with the bytes that are there and those of the whole model.
OnProgress = Callable[[int, int], None]
# Connections that break without a new byte in between, one after another, before the pull gives up for now.
_TRIES: Final = 5
_WAIT_SECONDS: Final = 1.0
# Without a byte, before a connection counts as broken.
_SECONDS: Final = 30.0
# Left free beside the model, for the database and the pictures on the same disk.
_SPARE: Final = 100 * 10**6


def pull(entry: Entry, on_progress: OnProgress, *, leave_out_unsafe: bool = False) -> Path:
    """Download what is missing, verify every file by its hash, and return the folder. Raises HubError.

    What is on disk after a broken connection or a kill is continued by the next call. `leave_out_unsafe` pulls the
    safetensors of a model that has formats beside them which can run code; those stay at the hub.
    """
    if entry.folder is not None:
        raise HubError(f"{entry.id}: its weights are in {entry.folder}; there is nothing to pull.")
    found = listing.ask(entry)
    if not leave_out_unsafe:
        _refuse(entry, found)
    folder = places.folder_of(entry)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return _pull(entry, found, folder, on_progress)
    except OSError as error:
        raise _in_words(entry, folder, error) from error


def _refuse(entry: Entry, found: Listing) -> None:
    unsafe = safety.unsafe(file.name for file in found.files)
    if unsafe:
        raise HubError(
            f"{entry.id}: {unsafe[0]}: this format can run code when it is read. Nothing was downloaded. "
            "--leave-out-unsafe pulls its safetensors alone."
        )


def _pull(entry: Entry, found: Listing, folder: Path, on_progress: OnProgress) -> Path:
    index = next((file for file in found.files if file.name == safety.INDEX), None)
    if index is None:
        raise HubError(f"{entry.id}: {entry.source} has no {safety.INDEX}, so it is no diffusers folder.")
    _fetch(found, index, folder, lambda _bytes: None)
    wanted = _wanted(entry, found, folder)
    _check_space(entry, wanted, folder)
    whole, done = sum(file.size for file in wanted), 0
    for file in wanted:
        _fetch(found, file, folder, _behind(done, whole, on_progress))
        done += file.size
    on_progress(done, whole)
    _write_manifest(found, wanted, folder)
    return folder


def _behind(done: int, whole: int, on_progress: OnProgress) -> Callable[[int], None]:
    """Tell of a file's bytes as of those behind what was done before it."""
    return lambda size: on_progress(done + size, whole)


def _wanted(entry: Entry, found: Listing, folder: Path) -> list[File]:
    """The files of the pipeline's parts. Raises HubError for a part whose weights are in no safetensors."""
    parts = safety.components(safety.parts(folder))
    wanted = {file.name: file for file in listing.texts(found.files, parts)}
    for part, class_name in parts.items():
        weights = listing.weights(found.files, part, entry.variant)
        theirs = [file.name for file in found.files if file.name.startswith(f"{part}/")]
        if not weights and safety.unsafe(theirs):
            raise HubError(
                f"{entry.id}: {part} ({class_name}) has no safetensors. The large files weren't downloaded."
            )
        wanted |= {file.name: file for file in weights}
    return list(wanted.values())


def _check_space(entry: Entry, wanted: list[File], folder: Path) -> None:
    needed = sum(max(0, file.size - _there(folder / file.name)) for file in wanted)
    free = shutil.disk_usage(folder).free
    if (missing := needed + _SPARE - free) > 0 and needed:
        raise HubError(
            f"{entry.id}: {amount(needed)} are still to download and {amount(free)} are free in {places.root()} "
            f"({amount(_SPARE)} stay free): {amount(missing)} are missing. Free them, or set IMAGE2_MODELS."
        )


def _there(path: Path) -> int:
    part = _part(path)
    return path.stat().st_size if path.is_file() else part.stat().st_size if part.is_file() else 0


def _part(path: Path) -> Path:
    return path.with_name(path.name + places.PART)


def _fetch(found: Listing, file: File, folder: Path, on_bytes: Callable[[int], None]) -> None:
    """One file, whole and verified under its name; until then it is a part, which the next pull continues."""
    path = folder / file.name
    if path.is_file() and path.stat().st_size == file.size:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = _part(path)
    if part.is_file() and part.stat().st_size > file.size:
        part.unlink()
    _download(found, file, part, on_bytes)
    if not matches(file, part):
        part.unlink()
        raise HubError(f"{file.name} arrived damaged: its hash isn't the hub's. It was deleted; pull again.")
    part.replace(path)


def _download(found: Listing, file: File, part: Path, on_bytes: Callable[[int], None]) -> None:
    """Continue after every broken connection that brought something; give up after _TRIES that brought nothing."""
    tries = _TRIES
    part.touch()
    while (start := part.stat().st_size) < file.size:
        try:
            _stream(found, file, part, on_bytes)
        except Exception as error:
            if _is_final(error):
                raise
            tries = _TRIES if part.stat().st_size > start else tries - 1
            if not tries:
                raise HubError(
                    f"The connection broke while {file.name} was downloaded. What arrived is kept: pull again."
                ) from error
            time.sleep(_WAIT_SECONDS)


def _stream(found: Listing, file: File, part: Path, on_bytes: Callable[[int], None]) -> None:
    """Append what is missing as it arrives: the library's own download begins again in every process."""
    from huggingface_hub import hf_hub_url
    from huggingface_hub.utils import (  # type: ignore[attr-defined]  # exported lazily
        build_hf_headers,
        get_session,
        hf_raise_for_status,
    )

    url = hf_hub_url(found.source, file.name, revision=found.revision, endpoint=listing.endpoint())
    start = part.stat().st_size
    headers = {**build_hf_headers(), "Accept-Encoding": "identity"}
    if start:
        headers["Range"] = f"bytes={start}-"
    with (
        get_session().stream("GET", url, headers=headers, follow_redirects=True, timeout=_SECONDS) as answer,
        part.open("ab", buffering=0) as stream,
    ):
        hf_raise_for_status(answer)
        if answer.status_code != HTTPStatus.PARTIAL_CONTENT:
            stream.truncate(0)  # a server without ranges sends the file from its start
        for data in answer.iter_bytes():
            stream.write(data)
            on_bytes(stream.tell())


def _is_final(error: Exception) -> bool:
    """A full disk, or an answer of the hub that another try won't change."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
        return True
    answer = getattr(error, "response", None)
    return answer is not None and 400 <= answer.status_code < 500


def matches(file: File, path: Path) -> bool:
    """Whether the content is what the hub names: by SHA-256, or by git's hash for small files."""
    with path.open("rb") as stream:
        if file.sha256:
            return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256
        digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
        digest.update(stream.read())
        return not file.git or digest.hexdigest() == file.git


def _write_manifest(found: Listing, wanted: list[File], folder: Path) -> None:
    """Last, and at once: a folder with a manifest is complete."""
    facts = {"source": found.source, "revision": found.revision, "licence": found.licence}
    text = json.dumps(facts | {"files": [asdict(file) for file in wanted]}, indent=1)
    new = folder / f"{places.MANIFEST}{places.PART}"
    new.write_text(text, "utf-8")
    new.replace(folder / places.MANIFEST)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One pull a model at a time; the lock ends with its process. Raises HubError."""
    with (folder.parent / f".{folder.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HubError("Another pull of this model runs. Wait until it has ended.") from error
        yield


def _in_words(entry: Entry, folder: Path, error: OSError) -> HubError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return HubError(
            f"{entry.id}: the disk of {folder} is full. What arrived is kept: free some space, and pull again."
        )
    return HubError(f"{entry.id}: {error.strerror or error}. What arrived is kept in {folder}.")
