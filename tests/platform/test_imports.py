"""What a process loads, seen in a fresh one: import-linter can't follow names that Django loads by string."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.services.processes import quiet_environment

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"torch", "diffusers", "transformers"}
LOAD_THE_WEB = """
import image2.asgi
from django.urls import get_resolver
def walk(patterns):
    for pattern in patterns:
        walk(getattr(pattern, "url_patterns", []))
walk(get_resolver().url_patterns)
from django.contrib import admin
admin.autodiscover()
"""
LOAD_A_WORKER = """
from image2.celery import app
app.loader.import_default_modules()
assert "generation.work" in app.tasks
"""


def loaded(program: str, home: Path) -> set[str]:
    """Return the modules that a process holds after a program."""
    done = subprocess.run(
        [sys.executable, "-c", program + "\nimport sys; print('\\n'.join(sys.modules))"],
        cwd=ROOT,
        env=quiet_environment(IMAGE2_HOME=str(home), DJANGO_SETTINGS_MODULE="image2.settings"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("program", [LOAD_THE_WEB, LOAD_A_WORKER], ids=["web", "worker"])
def test_neither_the_web_nor_a_worker_of_short_work_loads_the_engine(program: str, tmp_path: Path) -> None:
    assert loaded(program, tmp_path) & HEAVY == set()


def test_the_engine_loads_no_database_no_settings_and_no_app(tmp_path: Path) -> None:
    modules = loaded("import generation.engine.production", tmp_path)
    assert "torch" in modules
    foreign = (
        "django.db",
        "django.http",
        "django.contrib",
        "psycopg2",
        "celery",
        "image2",
        "accounts",
        "billing",
    )
    # Pure: which characters of a prompt mean nothing.
    shared = {"image2", "image2.lib", "image2.lib.invisible"}
    assert sorted(name for name in modules - shared if name.startswith(foreign)) == []


def test_the_parent_loads_neither_django_nor_celery(tmp_path: Path) -> None:
    modules = loaded("import image2.processes", tmp_path)
    assert {name.partition(".")[0] for name in modules} & {"django", "celery", *HEAVY} == set()
