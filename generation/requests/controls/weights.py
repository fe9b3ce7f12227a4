"""Weights beside a model's own that let a control picture lead it (a ControlNet), as its catalogue entry names them."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from generation.requests.controls.control import KINDS
from generation.requests.kinds import WITH_CONTROL

NONE: Final[Mapping[str, ControlWeights]] = MappingProxyType({})
# Families that a control picture can lead.
_LED: Final = frozenset({"stable_diffusion"})
_DEFAULTS: Final[Mapping[str, Any]] = MappingProxyType({"variant": "", "commercial_use": False})


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlWeights:
    """`source` is a folder of diffusers (config.json and safetensors); `memory_mb` what it takes beside the model."""

    source: str
    licence: str
    memory_mb: int
    variant: str
    commercial_use: bool

    @property
    def folder(self) -> Path:
        """There or not."""
        return Path(self.source).expanduser()


def misfit(family: str, capabilities: AbstractSet[str]) -> str:
    """What keeps a model of this family, which can do this, from being led; empty where nothing does."""
    if family not in _LED:
        return f"the family {family!r} takes no control picture"
    if not capabilities & WITH_CONTROL:
        return (
            "they lead pictures from words, or from a picture and words, and this model makes neither; take them out, "
            "or name text_to_image or image_to_image in capabilities"
        )
    return ""


def read(raw: object) -> Mapping[str, ControlWeights]:
    """From what an entry says, by kind. Raises ValueError, with what is wrong."""
    if not isinstance(raw, Mapping):
        raise ValueError('write { edges = { source = "/a/folder", licence = "…", memory_mb = 2500 } }')
    if unknown := raw.keys() - KINDS.keys():
        raise ValueError(f"unknown kind {min(unknown)!r}; there are {' and '.join(KINDS)}")
    return MappingProxyType({kind: _weights(kind, values) for kind, values in raw.items()})


def _weights(kind: str, raw: object) -> ControlWeights:
    if not isinstance(raw, Mapping):
        raise ValueError(f"{kind} is a table with source, licence and memory_mb")
    values = {**_DEFAULTS, **raw}
    names = {field.name for field in fields(ControlWeights)}
    if missing := names - values.keys():
        raise ValueError(f"{kind}: {min(missing)!r} is missing")
    if unknown := values.keys() - names:
        raise ValueError(f"{kind}: unknown field {min(unknown)!r}")
    if not all(isinstance(values[name], str) for name in ("source", "licence", "variant")):
        raise ValueError(f"{kind}: source, licence and variant are texts in quotes")
    if not values["source"].startswith(("/", "~/")):
        raise ValueError(f"{kind}: source is the absolute path of a folder")
    if not values["licence"].strip():
        raise ValueError(f"{kind}: licence names the licence")
    if type(values["memory_mb"]) is not int or values["memory_mb"] < 1:
        raise ValueError(f"{kind}: memory_mb is a whole number from 1 on")
    if not isinstance(values["commercial_use"], bool):
        raise ValueError(f"{kind}: commercial_use is true or false")
    return ControlWeights(**values)
