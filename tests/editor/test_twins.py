"""The browser's engine and the server's make the same pixels of the same operations, and refuse the same ones."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from editor import exporting
from editor.kernels import build
from editor.log import schema
from editor.replay.document import Document
from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from tests.editor.calling import NoAssets
from tests.editor.operations import Author, Operation
from tests.editor.pngs import digest_of_pixels
from tests.examples import examples
from tests.services.browser import Pages

NODE = shutil.which("node")
DOCUMENTS = int(os.environ.get("IMAGE2_RANDOM_DOCUMENTS") or examples(24))
SCRIPT = Path(__file__).with_name("replay-documents.mjs")


def on_server(kernels: Kernels, operations: list[Operation]) -> dict[str, Any]:
    document, refused = Document(kernels, NoAssets()), []
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


def packed(documents: list[list[Operation]]) -> list[list[Operation]]:
    return [
        [{**operation, "blob": base64.b64encode(operation["blob"]).decode()} for operation in operations]
        for operations in documents
    ]


def in_node(documents: list[list[Operation]], folder: Path, wasm: str) -> list[dict[str, Any]]:
    file = folder / "documents.json"
    file.write_text(json.dumps(packed(documents)))
    done = subprocess.run(
        [str(NODE), str(SCRIPT), str(file), str(build.HERE / wasm)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    results: list[dict[str, Any]] = json.loads(done.stdout)
    return results


@pytest.mark.skipif(NODE is None, reason="there is no node here; the browser's tests compare digests too")
@pytest.mark.parametrize("wasm", ["k1.wasm", "k1s.wasm"])
def test_random_documents_end_with_the_same_bytes(tmp_path: Path, wasm: str) -> None:
    first = 1000 * (wasm == "k1s.wasm")
    documents = [Author(first + seed).document(25) for seed in range(DOCUMENTS)]
    found = in_node(documents, tmp_path, wasm)
    with Kernels() as kernels:
        for seed, (operations, theirs) in enumerate(zip(documents, found, strict=True)):
            assert theirs == on_server(kernels, operations), f"document {first + seed}"
    assert len({result["digest"] for result in found}) > DOCUMENTS / 2


def exported(kernels: Kernels, operations: list[Operation], folder: Path) -> str:
    """The digest of the PNG that a worker writes of the document."""
    document = Document(kernels, NoAssets())
    for operation in operations:
        with contextlib.suppress(Impossible):
            document.apply(operation["kind"], operation["body"], operation["blob"])
    rendered = exporting.render(document, folder, lambda _done, _of: None)
    with Image.open(exporting.png(rendered, folder)) as image:
        pixels = np.array(image.convert("RGBA"))
    assert rendered.digest == digest_of_pixels(pixels)
    return rendered.digest


@pytest.mark.long
def test_two_hundred_documents_are_the_same_in_chromium_on_the_server_and_in_their_png(
    served: str, new_page: Pages, tmp_path: Path
) -> None:
    page = new_page()
    page.goto(served)
    for first in range(5000, 5200, 20):
        documents = [Author(first + number).document(25) for number in range(20)]
        found = page.evaluate(
            """async (documents) => {
              const { replayed } = await import('/tests/editor/replaying.mjs');
              return replayed(await (await fetch('/editor/kernels/k1.wasm')).arrayBuffer(), documents);
            }""",
            packed(documents),
        )
        with Kernels() as kernels:
            for number, (operations, theirs) in enumerate(zip(documents, found, strict=True)):
                assert theirs == on_server(kernels, operations), f"document {first + number}"
                assert theirs["digest"] == exported(kernels, operations, tmp_path), (
                    f"document {first + number}"
                )


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
    documents = [quick_selections(Author(sum(size) + seed, size)) for seed in range(2)]
    found = in_node(documents, tmp_path, "k1.wasm")
    with Kernels() as kernels:
        for operations, theirs in zip(documents, found, strict=True):
            assert theirs == on_server(kernels, operations)
