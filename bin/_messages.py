"""Keep image2/locale/en/LC_MESSAGES/django.po current: every sentence that people see, in one file.

Without arguments, print what is out of date and return 1; with --fix, write the file. Sentences are ordered by the
file they come from, with no line numbers and no dates, so that the catalogue changes only when a sentence does.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
import tempfile
from pathlib import Path

import django
from django.conf import settings
from django.core.management import CommandError, call_command

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("image2/locale/en/LC_MESSAGES/django.po")
SOURCES = ("accounts", "billing", "editor", "generation", "image2", "privacy", "templates")
HEADER = """\
# Every sentence of the interface, mails and errors. Written by `bin/check --fix` from the code and the templates.
msgid ""
msgstr ""
"Language: en\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
SHOWN_LINES = 40


def main() -> int:
    """Compare the catalogue with the sources, or write it."""
    if not shutil.which("xgettext"):
        print("GNU gettext is missing; on Debian: sudo apt-get install gettext")
        return 1
    file = ROOT / CATALOGUE
    kept = file.read_text() if file.exists() else ""
    try:
        current = extract()
    except CommandError as error:
        print(error)
        return 1
    if current == kept:
        return 0
    if "--fix" in sys.argv[1:]:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(current)
        return 0
    changes = difflib.unified_diff(kept.splitlines(), current.splitlines(), "kept", "now", lineterm="", n=0)
    print(f"{CATALOGUE} is out of date; bin/check --fix writes it:")
    print("\n".join([line for line in changes if not line.startswith("@@")][:SHOWN_LINES]))
    return 1


def extract() -> str:
    """Return the catalogue as the sources have it now.

    makemessages writes helper files beside each template, so it works on a copy: other checks read the templates
    meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="image2-messages-") as folder:
        copy_sources(Path(folder))
        written = Path(folder) / CATALOGUE
        written.parent.mkdir(parents=True)
        settings.configure(LOCALE_PATHS=[written.parents[2]], USE_I18N=True)
        django.setup()
        os.chdir(folder)
        call_command("makemessages", locale=["en"], add_location="file", no_wrap=True, verbosity=0)
        os.chdir(ROOT)
        _, _, messages = written.read_text().partition("\n\n")
    # Format flags are xgettext's guesses, which differ between its versions.
    return HEADER + "\n" + re.sub(r"^#, python-[a-z-]+\n", "", messages, flags=re.MULTILINE)


def copy_sources(folder: Path) -> None:
    """Copy what may hold sentences: Python, templates and mails."""
    for name in SOURCES:
        for path in sorted((ROOT / name).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "__pycache__" not in path.parts:
                copy = folder / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, copy)


if __name__ == "__main__":
    sys.exit(main())
