"""The committed kernels are what their source gives, import nothing but memory, and keep every frozen byte."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import wasmtime

from editor.kernels import build, vectors
from editor.replay.engine import BEGIN, Kernels, OutOfFuel

VARIANTS = list(build.VARIANTS)
BUILDS = ["k1", "k1s"]


def parts_of(name: str) -> list[str]:
    return [file for file in VARIANTS if file.partition(".")[0].partition("-")[0] == name]


def test_a_fresh_build_gives_the_committed_bytes() -> None:
    assert build.check() == []


@pytest.mark.parametrize("name", VARIANTS)
def test_the_file_wants_memory_and_nothing_else(name: str) -> None:
    module = wasmtime.Module.from_file(wasmtime.Engine(), str(build.HERE / name))
    assert [(wanted.module, wanted.name) for wanted in module.imports] == [("env", "memory")]


@pytest.mark.parametrize("name", VARIANTS)
def test_each_part_keeps_to_its_place_in_memory(name: str) -> None:
    """Two parts work on one memory, and neither may write into the other's tables or stack."""
    store = wasmtime.Store()
    module = wasmtime.Module.from_file(store.engine, str(build.HERE / name))
    memory = wasmtime.Memory(store, wasmtime.MemoryType(wasmtime.Limits(BEGIN // 65536, None)))
    place = build.PLACE * (VARIANTS.index(name) // len(BUILDS))
    base = wasmtime.Instance(store, module, [memory]).exports(store)["__heap_base"]
    assert isinstance(base, wasmtime.Global)
    ends = base.value(store)
    assert place <= ends <= place + build.PLACE <= BEGIN  # a part may have no tables
    written = memory.read(store, 0, BEGIN)
    assert not any(written[:place])
    assert not any(written[ends:])


@pytest.mark.parametrize("name", BUILDS)
def test_every_kernel_has_vectors_and_is_in_one_part(name: str) -> None:
    parts = [
        {given.name for given in wasmtime.Module.from_file(wasmtime.Engine(), str(build.HERE / part)).exports}
        for part in parts_of(name)
    ]
    kernels = [kernel for part in parts for kernel in part - {"__heap_base"}]
    assert len(kernels) == len(set(kernels))
    assert set(kernels) == {vector["kernel"] for vector in vectors.load()}


def test_every_frozen_vector_gives_its_bytes(kernels: Kernels) -> None:
    wrong = [
        f"{index} {vector['kernel']}"
        for index, vector in enumerate(vectors.load())
        if vectors.run(kernels, vector) != (vector["sha256"], vector["returns"])
    ]
    assert wrong == []


def test_the_vectors_are_the_frozen_ones() -> None:
    """Adding a kernel adds vectors at the end and a line here; a changed line means that old documents would change."""
    digests = [
        hashlib.sha256(json.dumps(vectors.load()[:count]).encode()).hexdigest()[:16] for count in FROZEN
    ]
    assert digests == list(FROZEN.values())
    assert len(vectors.load()) == max(FROZEN)


FROZEN = {
    147: "5a7d8baa43efad31",
    155: "c5b17b5b5964ebee",
    163: "f24e064f943a6cb6",
    219: "6082b98de9df8585",
    246: "3aabc8bac904b8c7",
    249: "6fde080d5e6efaf0",
    268: "48dda71fb0af018d",
    300: "7f2143c1e5a8b238",
    317: "7f9f115d6ceb74e2",
}


def test_a_call_without_end_is_stopped() -> None:
    with Kernels(fuel=10**5) as kernels:
        pixels = kernels.room(4 * 1_000_000)
        with pytest.raises(OutOfFuel):
            kernels.call("mask_invert", pixels, 4_000_000)


def test_there_is_no_more_memory_than_allowed() -> None:
    with Kernels(memory=1 << 20) as kernels, pytest.raises(MemoryError):
        kernels.room(1 << 20)


@pytest.mark.parametrize("name", BUILDS)
def test_chromium_gives_the_frozen_bytes(served: str, new_page: Any, name: str) -> None:
    page = new_page()
    page.goto(served)
    wrong = page.evaluate(
        """async (names) => {
          const { differing } = await import('/tests/editor/kernel-vectors.mjs');
          const files = names.map(async (name) => (await fetch(`/editor/kernels/${name}`)).arrayBuffer());
          return differing(await Promise.all(files), await (await fetch('/editor/kernels/vectors.json')).json());
        }""",
        parts_of(name),
    )
    assert wrong == []
