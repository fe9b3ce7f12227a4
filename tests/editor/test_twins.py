"""The browser's engine and the server's make the same pixels of the same operations, and refuse the same ones."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from editor import exporting
from editor.log import schema
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from editor.replay.planes import Bytes
from tests.editor.calling import Pictures
from tests.editor.operations import Author, Operation
from tests.editor.pngs import digest_of_pixels, png_of
from tests.editor.text.writing import fonts
from tests.examples import examples
from tests.services.browser import Pages

NODE = shutil.which("node")
DOCUMENTS = int(os.environ.get("IMAGE2_RANDOM_DOCUMENTS") or examples(24))
SCRIPT = Path(__file__).with_name("replay-documents.mjs")
ROOT = Path(__file__).resolve().parents[2]


PICTURES = 3  # of each document
OF_PICTURES = {"open with a picture", "layer.add with a mask", "layer.mask from a picture"}


@dataclass(frozen=True)
class Made:
    """A random document: its operations, and the pictures that they name."""

    operations: list[Operation]
    pictures: Mapping[str, Bytes] = field(default_factory=dict)

    @classmethod
    def by(cls, seed: int) -> Made:
        author = Author(seed, pictures=PICTURES)
        return cls(author.document(25), author.pictures)


def on_server(kernels: Kernels, made: Made) -> dict[str, Any]:
    document, refused = Document(kernels, Pictures(made.pictures)), []
    operations = made.operations
    for index, operation in enumerate(operations):
        schema.check(operation["kind"], operation["body"], operation["blob"])
        try:
            document.apply(operation["kind"], operation["body"], operation["blob"])
        except Impossible as impossible:
            refused.append([index, str(impossible)])
    selection = None if document.selection is None else len(document.selection.tiles)
    return {
        "digest": document.digest(),
        "refused": refused,
        "size": list(document.size),
        "selection": selection,
    }


def packed(documents: list[Made]) -> list[dict[str, Any]]:
    return [
        {
            "operations": [{**each, "blob": as_text(each["blob"])} for each in made.operations],
            "pictures": {name: as_text(png_of(pixels)) for name, pixels in made.pictures.items()},
        }
        for made in documents
    ]


def as_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def in_node(documents: list[Made], folder: Path, build: str) -> list[dict[str, Any]]:
    file = folder / "documents.json"
    file.write_text(json.dumps({"fonts": fonts(), "documents": packed(documents)}))
    done = subprocess.run(
        [str(NODE), str(SCRIPT), str(file), build],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


@pytest.mark.skipif(NODE is None, reason="there is no node here; the browser's tests compare digests too")
@pytest.mark.parametrize("build", ["k1", "k1s"])
def test_random_documents_end_with_the_same_bytes(tmp_path: Path, build: str) -> None:
    first = 1000 * (build == "k1s")
    documents = [Made.by(first + seed) for seed in range(DOCUMENTS)]
    found = in_node(documents, tmp_path, build)
    with Kernels() as kernels:
        for seed, (made, theirs) in enumerate(zip(documents, found, strict=True)):
            assert theirs == on_server(kernels, made), f"document {first + seed}"
    assert len({result["digest"] for result in found}) > DOCUMENTS / 2
    assert kinds_of(documents) >= OF_PICTURES


def kinds_of(documents: list[Made]) -> set[str]:
    """The kinds of operations in these documents, those that name pictures apart."""
    every = [each for made in documents for each in made.operations]
    named = {
        "layer.add with a mask" for each in every if each["kind"] == "layer.add" and "mask" in each["body"]
    }
    named |= {"layer.mask from a picture" for each in every if each["body"].get("from") == "asset"}
    named |= {"open with a picture" for each in every if each["kind"] == "open" and "asset" in each["body"]}
    return named | {each["kind"] for each in every}


def exported(kernels: Kernels, made: Made, folder: Path) -> str:
    """The digest of the PNG that a worker writes of the document."""
    document = Document(kernels, Pictures(made.pictures))
    for operation in made.operations:
        with contextlib.suppress(Impossible):
            document.apply(operation["kind"], operation["body"], operation["blob"])
    rendered = exporting.render(document, folder, lambda _done, _of: None)
    with Image.open(exporting.png(rendered, folder)) as image:
        pixels = np.array(image.convert("RGBA"))
    assert rendered.digest == digest_of_pixels(pixels)
    return rendered.digest


def test_two_hundred_documents_hold_every_kind_of_operation() -> None:
    assert kinds_of([Made.by(5000 + number) for number in range(200)]) >= set(schema.KINDS) | OF_PICTURES


@pytest.mark.long
@pytest.mark.parametrize("begin", range(5000, 5200, 40))
def test_two_hundred_documents_are_the_same_in_chromium_on_the_server_and_in_their_png(
    served: str, new_page: Pages, tmp_path: Path, begin: int
) -> None:
    page = new_page()
    page.goto(served)
    for first in range(begin, begin + 40, 10):
        documents = [Made.by(first + number) for number in range(10)]
        found = page.evaluate(
            """async ([fonts, documents]) => {
              const { useFonts } = await import('/static/editor/worker/text/fonts.js');
              useFonts({ list: async () => fonts, file: (address) => fetch(address) });
              const { replayed } = await import('/tests/editor/replaying.mjs');
              return replayed((part) => fetch(`/editor/kernels/k1${part && `-${part}`}.wasm`), documents);
            }""",
            [fonts(root=str(ROOT)), packed(documents)],
        )
        with Kernels() as kernels:
            for number, (made, theirs) in enumerate(zip(documents, found, strict=True)):
                assert theirs == on_server(kernels, made), f"document {first + number}"
                assert theirs["digest"] == exported(kernels, made, tmp_path), f"document {first + number}"


def quick_selections(author: Author) -> list[Operation]:
    """Strokes over a picture, and quick selections with brushes so large that they are found on a smaller picture."""
    made = author.document(6)
    for brush in (2000, 9000, 16384):
        made.append(author.stroke())
        selection = author.select()
        while selection["body"]["shape"] != "quick":
            selection = author.select()
        selection["body"] |= {"brush": brush, "feather": 0}
        made += [selection, author.op("fill", layer="base", rgba=author.colour(), opacity=255, mode="normal")]
    return made


@pytest.mark.skipif(NODE is None, reason="there is no node here; the browser's tests compare digests too")
@pytest.mark.parametrize(
    "size",
    [
        (1900, 1301),
        pytest.param((4096, 4096), marks=pytest.mark.long),
        pytest.param((8192, 8192), marks=pytest.mark.long),
    ],
)
def test_large_documents_end_with_the_same_bytes(tmp_path: Path, size: tuple[int, int]) -> None:
    documents = [Made(quick_selections(Author(sum(size) + seed, size))) for seed in range(2)]
    found = in_node(documents, tmp_path, "k1")
    with Kernels() as kernels:
        for made, theirs in zip(documents, found, strict=True):
            assert theirs == on_server(kernels, made)
