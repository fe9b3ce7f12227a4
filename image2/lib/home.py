"""The data folder of the embedded default: where it is, what is in it, and the secret key it keeps."""

from __future__ import annotations

import os
import secrets
import time
from pathlib import Path

FOLDERS = ("files", "mail", "tmp", "cache", "broker/messages", "broker/control", "work")


def home_folder(configured: str, base: Path) -> Path:
    """Return the absolute data folder, made with its sub-folders and readable by its owner only."""
    home = Path(configured).expanduser().resolve() if configured else base / "var"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in FOLDERS:
        (home / name).mkdir(parents=True, exist_ok=True, mode=0o700)
    return home


def embedded_secret(home: Path) -> str:
    """Return the secret key generated into the data folder; two processes that start at once agree on one."""
    path = home / "secret_key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read_when_written(path)
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return path.read_text()


def _read_when_written(path: Path) -> str:
    # The other process may have created the file and not yet filled it.
    for _attempt in range(100):
        if secret := path.read_text():
            return secret
        time.sleep(0.01)
    raise RuntimeError(f"{path} is empty: delete it and start again")
