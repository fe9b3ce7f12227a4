"""Large uploads wait in files without a name: they disappear with the process, however it ends."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import IO, Any, Final, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

# As Django's own handler names them; a process of the version before that was killed left them behind.
_LEFT_BEHIND: Final = "*.upload*"


class NamelessFileUploadHandler(FileUploadHandler):
    """Django's handler for files that are too large for the memory keeps a named one, which survives a kill."""

    file: UploadedFile[Any] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        # Open for as long as the request: Django closes it.
        scratch = cast(IO[bytes], tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR))  # noqa: SIM115
        self.file = UploadedFile(
            scratch, self.file_name, self.content_type, 0, self.charset, self.content_type_extra
        )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.file is not None
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        assert self.file is not None
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if self.file is not None:
            self.file.close()


def delete_left_behind(folder: Path) -> None:
    """Delete what killed processes left when uploads still had names. Call it before anything serves."""
    for path in folder.glob(_LEFT_BEHIND):
        path.unlink(missing_ok=True)
