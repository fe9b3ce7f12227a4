"""Rules that stand in one place: what this finds twice has to become one again."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from generation.models import Job
from generation.requests.kinds import KINDS
from image2.lib.http.access import routes

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "billing", "editor", "generation", "image2", "privacy")


def sources() -> Iterator[tuple[str, str]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(ROOT)), path.read_text("utf-8")


SOURCES = dict(sources())
# The rule → what a source looks like that holds it, and the only files that may.
ONCE = {
    "what makes a middleware asynchronous": (r"markcoroutinefunction\(", {"image2/lib/http/middleware.py"}),
    "a read-only admin page": (
        r"def has_change_permission.*\n +return False",
        {"accounts/admin/read_only.py"},
    ),
    "the rows of a person": (r"else self\.none\(\)", {"image2/lib/owned.py"}),
    "too few credits for a job": (r"class OutOfCredits", {"generation/jobs/submission.py"}),
    "the header of a toast": (r"\"toast\":", {"image2/lib/http/htmx.py"}),
    "whether a script asks": (r"HTTP_HX_|headers(\.get\(|\[)\"HX-Request\"", set()),
    "the signature of a PNG": (r"\\x89PNG", {"generation/png.py"}),
    "writing a chunk of a PNG": (r"zlib\.crc32\(name\)", {"generation/png.py"}),
    "the size of a thumbnail": (r"min\(1\.0, side / max\(", {"generation/requests/sizes.py"}),
    "the bounds of strength": (r"\b0\.05\b.*[Ss]trength|[Ss]trength.*\b0\.0?5\b", set()),
    "a job's new state": (
        r"\.update\([^()]*\bstate=(Job|self)\.State|(?m:^ +job\.state = )",
        {"generation/models/jobs.py"},
    ),
}


@pytest.mark.parametrize("rule", ONCE)
def test_a_rule_stands_in_one_place(rule: str) -> None:
    pattern, places = ONCE[rule]
    found = {name for name, source in SOURCES.items() if re.search(pattern, source)}
    assert found == places


def test_code_that_ends_a_job_announces_it() -> None:
    ends = re.compile(r"\.(finish|end_expired|cancel_queued)\(")
    ending = {name for name in SOURCES if name.startswith("generation/") and ends.search(SOURCES[name])}
    assert ending == {
        "generation/jobs/cancellation.py",
        "generation/jobs/recovery.py",
        "generation/worker/settlement.py",
    }
    assert all("outcomes.announce(" in SOURCES[name] for name in ending)


def test_every_kind_of_request_has_a_label() -> None:
    assert set(KINDS) <= set(Job.Kind.values)


def test_views_import_no_view() -> None:
    """What several pages need lives beside them, in a module without a route of its own."""
    with_routes = {
        view.__module__
        for _text, pattern in routes()
        if (view := inspect.unwrap(pattern.callback)).__module__.partition(".")[0] in APPS
    }
    for name in with_routes:
        source = SOURCES[f"{name.replace('.', '/')}.py"]
        assert with_routes.isdisjoint(imported(source)), name


def imported(source: str) -> Iterator[str]:
    """Yield what a module imports: modules, and names that may be modules."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)
