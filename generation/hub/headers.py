"""The header of a safetensors file, read by ourselves and bounded: what tensors it has, without reading any of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

# Bytes of a header of 100 MB at most, the limit of the format's own reader.
LONGEST: Final = 100_000_000
# Bits of one number.
_BITS: Final = {
    "F64": 64,
    "I64": 64,
    "U64": 64,
    "C64": 64,
    "F32": 32,
    "I32": 32,
    "U32": 32,
    "F16": 16,
    "BF16": 16,
    "I16": 16,
    "U16": 16,
    "I8": 8,
    "U8": 8,
    "BOOL": 8,
    "F8_E4M3": 8,
    "F8_E5M2": 8,
    "F8_E8M0": 8,
    "F8_E4M3FNUZ": 8,
    "F8_E5M2FNUZ": 8,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    "F4": 4,
}
# How the formats begin that run code when they are read: zip (torch.save) and pickle's second protocol and later.
_PICKLES: Final = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")


class DamagedHeader(Exception):
    """The file isn't what the format says; the message is the end of a sentence that begins with the file's name."""


@dataclass(frozen=True, slots=True)
class Tensor:
    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def count(self) -> int:
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class Header:
    tensors: tuple[Tensor, ...]
    metadata: dict[str, str]


def read(path: Path, *, longest: int = LONGEST) -> Header:
    """Raises DamagedHeader for anything but a whole safetensors file whose tensors fill it, and OSError.

    The format: 8 bytes little-endian length, so much JSON, then the data (github.com/huggingface/safetensors).
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if not 2 <= length <= min(longest, size - 8):
            # Only here: a header of 640 bytes begins as a pickle does.
            if start.startswith(_PICKLES):
                raise DamagedHeader("is a pickle, which can run code when it is read; use safetensors")
            raise DamagedHeader("is no safetensors file, or a part of one: pull or copy it again")
        text = file.read(length)
    try:
        raw: dict[str, Any] = json.loads(text)
        metadata = raw.pop("__metadata__", {})
        found = [(_offsets(facts), _tensor(name, facts)) for name, facts in raw.items()]
        metadata = {str(name): str(value) for name, value in metadata.items()}
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise DamagedHeader("has a damaged header: pull or copy it again") from error
    end = 0
    for (first, last), tensor in sorted(found, key=itemgetter(0)):
        if first != end or last < first or (last - first) * 8 != tensor.count * _BITS.get(tensor.dtype, 0):
            raise DamagedHeader("has a damaged header: pull or copy it again")
        end = last
    if end + length + 8 != size:
        raise DamagedHeader("is cut off, or longer than its header says: pull or copy it again")
    return Header(tuple(tensor for _place, tensor in found), metadata)


def _offsets(facts: dict[str, Any]) -> tuple[int, int]:
    first, last = facts["data_offsets"]
    if type(first) is not int or type(last) is not int:
        raise TypeError
    return first, last


def _tensor(name: str, facts: dict[str, Any]) -> Tensor:
    shape = tuple(facts["shape"])
    if any(type(length) is not int or length < 0 for length in shape):
        raise ValueError
    return Tensor(name, str(facts["dtype"]), shape)
