"""Templates fit on a screen: no line is longer than 140 columns, except for an address or a drawing."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

COLUMNS: Final = 140
TEMPLATES: Final = Path(settings.BASE_DIR) / "templates"
EXCEPT: Final = re.compile(r"https?://\S{60}|<svg|<path")


def long_lines(folder: str) -> list[str]:
    files = TEMPLATES.glob("*.html") if not folder else (TEMPLATES / folder).rglob("*.html")
    return [
        f"{path.relative_to(TEMPLATES)}:{number} ({len(line)})"
        for path in sorted(files)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if len(line) > COLUMNS and not EXCEPT.search(line)
    ]


FOLDERS: Final = ["", *sorted(path.name for path in TEMPLATES.iterdir() if path.is_dir())]


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_line_of_a_template_is_too_long(folder: str) -> None:
    assert long_lines(folder) == []
