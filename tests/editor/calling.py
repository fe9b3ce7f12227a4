"""Calls a kernel with arrays, each between guard bytes that nothing may touch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from editor.replay.engine import Kernels
from editor.replay.layers import Impossible
from editor.replay.planes import Bytes

GUARD = 64
MARK = 0xA5


def call(kernels: Kernels, kernel: str, *arguments: Any) -> tuple[int, list[NDArray[Any]]]:
    """Return the kernel's number and, in order, what its arrays hold afterwards. None is the address 0."""
    kernels.reset()
    places: list[tuple[int, NDArray[Any]]] = []
    numbers: list[int] = []
    for argument in arguments:
        if argument is None:
            numbers.append(0)
        elif isinstance(argument, np.ndarray):
            at = kernels.room(argument.nbytes + 2 * GUARD)
            kernels.memory[at : at + argument.nbytes + 2 * GUARD] = MARK
            kernels.view(at + GUARD, argument.shape, argument.dtype)[...] = argument
            places.append((at, argument))
            numbers.append(at + GUARD)
        else:
            numbers.append(int(argument))
    number = kernels.call(kernel, *numbers)
    for at, array in places:
        before = kernels.memory[at : at + GUARD]
        after = kernels.memory[at + GUARD + array.nbytes : at + 2 * GUARD + array.nbytes]
        assert (before == MARK).all(), f"{kernel} wrote before an array of {array.nbytes} bytes"
        assert (after == MARK).all(), f"{kernel} wrote behind an array of {array.nbytes} bytes"
    return number, [kernels.view(at + GUARD, array.shape, array.dtype).copy() for at, array in places]


class NoAssets:
    """A document without pictures of its own."""

    def pixels(self, sha256: str) -> Bytes:
        raise Impossible("unknown")


class Pictures:
    """The pictures of a document, by their names."""

    def __init__(self, pictures: Mapping[str, Bytes]) -> None:
        self._pictures = pictures

    def pixels(self, sha256: str) -> Bytes:
        return self._pictures[sha256]
