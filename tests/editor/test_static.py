"""How the editor's scripts and kernels are served: small, under the right policy, and nothing else."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from editor.fonts import catalogue
from editor.kernels import build
from image2.lib.static_headers import WORKER_POLICY

STATIC = Path(__file__).resolve().parents[2] / "static"
MOST_SCRIPT = 90_000
MOST_LATER = 4_000
MOST_GENERATE = 26_000  # all that the generative tools load, together
MOST_EFFECTS = 27_500  # all that adjustments and filters load, together
MOST_SHAPES = 15_000  # all that shapes and the pen load, together
MOST_GEOMETRY = 28_800  # all that crop, transform and sizes load, together
MOST_MESHES = 11_000  # all that a mesh loads besides
MOST_RETOUCH = 16_000  # all that the retouching tools load, together
OF_GEOMETRY = (
    "geometry/(?!mesh|grid)|worker/(bounds|branch|carrying|geometry|projecting|redrawing|resizing|warping)"
)
OF_MESHES = "geometry/(mesh|grid)|worker/(bending|meshing)"
OF_SHAPES = "/shapes/|worker/following"
OF_EFFECTS = "effects/|filter|adjust|kinds|look|preview|made"
GENERATE = STATIC / "editor" / "page" / "generate"
EFFECTS = STATIC / "editor" / "page" / "effects"
SHAPES = STATIC / "editor" / "page" / "shapes"
GEOMETRY = STATIC / "editor" / "page" / "geometry"
HELP = STATIC / "editor" / "page" / "help"
# What is loaded when it is first used.
LATER = {
    *(
        "worker/checking.js",
        "worker/clipboard.js",
        "worker/comparing.js",
        "worker/erase.js",
        "worker/marks.js",
        "worker/quick.js",
        "worker/filling.js",
        *(f"worker/{name}.js" for name in ("arranging", "choosing", "painting", "selecting")),
    ),
    *(
        "worker/adjustments.js",
        "worker/filters.js",
        "worker/kinds.js",
        "worker/filtering.js",
        "worker/made.js",
        "worker/looks.js",
        "worker/previewing.js",
        "worker/previewplanes.js",
        "worker/requests.js",
        "worker/trying.js",
    ),
    *(f"page/effects/{path.name}" for path in EFFECTS.glob("*.js")),
    *("worker/digest.js", "worker/edges.js", "worker/encoding.js", "worker/packing.js", "worker/rebasing.js"),
    *(
        f"worker/{name}.js"
        for name in (
            "branches",
            "branching",
            "bending",
            "bounds",
            "carrying",
            "geometry",
            "meshing",
            "projecting",
            "redrawing",
            "resizing",
            "warping",
        )
    ),
    *(f"page/shapes/{path.name}" for path in SHAPES.glob("*.js")),
    *("worker/following.js", "worker/shapes/drawing.js", "worker/shapes/outlines.js"),
    *(f"page/geometry/{path.name}" for path in GEOMETRY.glob("*.js")),
    *(
        f"{place}/retouch/{path.name}"
        for place in ("page", "worker")
        for path in (STATIC / "editor" / place / "retouch").glob("*.js")
    ),
    *(
        *(f"page/help/{path.name}" for path in HELP.glob("*.js")),
        "page/edge.js",
        "page/hand.js",
        "page/kept.js",
        "page/numbers.js",
        "page/pasting.js",
        "page/rulers.js",
        *(f"page/tools/{name}.js" for name in ("colours", "object", "quick", "select")),
        "page/panels/renaming.js",
        "page/panels/shortcuts.js",
        *(f"page/generate/{path.name}" for path in GENERATE.glob("*.js")),
    ),
    *("page/files/flattening.js", "page/files/orders.js", "page/files/saving.js"),
    *("page/files/clear.js", "sw.js"),  # of the list of documents, and of no page
}
TEXTS = [
    *(STATIC / "editor" / "page" / "text").glob("*.js"),
    *(STATIC / "editor" / "worker" / "text").glob("*.js"),
]
LATER |= {path.relative_to(STATIC / "editor").as_posix() for path in TEXTS}
# What nobody waits for: it comes after the document is open, or with the first arrow key.
AFTERWARDS = {
    *(f"page/files/{name}.js" for name in ("calls", "names", "offline")),
    "page/cursor.js",
}
# What only words with letters from right to left load on top.
DIRECTIONS = {"worker/text/directions.js", "worker/text/turning.js"}
MOST_TEXT = 210_000  # all that a text of any script loads, HarfBuzz included, fonts not
MOST_DIRECTIONS = 5_000
MOST_KERNELS = 25_000


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_what_loads_before_the_first_stroke_is_small() -> None:
    folder = STATIC / "editor"
    sizes = {path.relative_to(folder).as_posix(): packed(path) for path in folder.rglob("*.js")}
    assert sizes.keys() >= LATER
    assert 10_000 < sum(size for name, size in sizes.items() if name not in LATER | AFTERWARDS) <= MOST_SCRIPT
    assert {name: sizes[name] for name in LATER if sizes[name] > MOST_LATER} == {}
    programs = (catalogue.HARFBUZZ, catalogue.PEN, build.HERE / "k1-paths.wasm")
    assert 180_000 < sum(map(packed, (*TEXTS, *programs))) <= MOST_TEXT
    assert 1_000 < sum(sizes[name] for name in DIRECTIONS) <= MOST_DIRECTIONS
    assert 5_000 < sum(size for name, size in sizes.items() if "/generate/" in name) <= MOST_GENERATE
    assert 5_000 < sum(sizes[name] for name in LATER if re.search(OF_EFFECTS, name)) <= MOST_EFFECTS
    assert 5_000 < sum(sizes[name] for name in LATER if re.search(OF_GEOMETRY, name)) <= MOST_GEOMETRY
    assert 3_000 < sum(sizes[name] for name in LATER if re.search(OF_MESHES, name)) <= MOST_MESHES
    assert 3_000 < sum(sizes[name] for name in LATER if re.search(OF_SHAPES, name)) <= MOST_SHAPES
    assert 5_000 < sum(size for name, size in sizes.items() if "/retouch/" in name) <= MOST_RETOUCH
    for name in build.VARIANTS:
        assert packed(build.HERE / name) <= MOST_KERNELS


def test_the_kernels_are_published_and_nothing_else_of_their_folder() -> None:
    assert finders.find("editor/kernels/k1.wasm") == str(build.HERE / "k1.wasm")
    assert finders.find("editor/kernels/build.py") is None
    assert finders.find("editor/kernels/../models.py") is None


def headers(client: Client, path: str) -> dict[str, str]:
    """Fetch a file to its end, which is what closes it."""
    response = client.get(path)
    assert response.status_code == 200
    assert b"".join(response.streaming_content)  # type: ignore[attr-defined]
    response.close()
    return dict(response.items())


@pytest.mark.django_db
def test_the_worker_may_compile_kernels_and_a_page_may_not(client: Client) -> None:
    assert headers(client, "/static/editor/worker/engine.js")["Content-Security-Policy"] == WORKER_POLICY
    kernels = headers(client, "/static/editor/kernels/k1.wasm")
    assert kernels["Content-Type"] == "application/wasm"
    assert "Content-Security-Policy" not in kernels
    assert "Content-Security-Policy" not in headers(client, "/static/editor/page/main.js")
    assert "wasm" not in client.get("/accounts/login/")["Content-Security-Policy"]
