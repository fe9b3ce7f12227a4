"""Which models stay loaded: one thread borrows one at a time, and the least recently used one is unloaded first."""

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock

from generation.engine import device, families, placement
from generation.engine.families import Family, controlled
from generation.requests.catalogue import Entry

_Key = tuple[str, str, str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Resident:
    family: Family
    memory_mb: int


@dataclass(frozen=True, slots=True)
class _Load:
    """The newest load of a model: what it took, and when it ended."""

    memory_mb: int
    seconds: float
    ended: float


class Residency:
    """The loaded models of one process. `budget_mb` bounds what they measured, not what the catalogue promised."""

    def __init__(
        self,
        budget_mb: Callable[[], int] = device.model_budget_mb,
        load: Callable[[Entry], Family] = families.load,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget_mb, self._load, self._clock = budget_mb, load, clock
        self._resident: OrderedDict[_Key, _Resident] = OrderedDict()
        # Kept when a model is unloaded: how much room it needs and what loading it costs is known from then on.
        self._loads: dict[_Key, _Load] = {}
        # Models whose weights somebody has changed, and not put back yet.
        self._changed: set[_Key] = set()
        self._lock = RLock()

    @contextmanager
    def lend(self, entry: Entry, control: str = "") -> Iterator[Family]:
        """The loaded model, for this thread alone; with `control`, also what leads it by pictures of that kind.

        Raises ModelUnavailable and ControlUnavailable.
        """
        with self._lock:
            family = self._family(entry)
            if control:
                self._load_control(entry, family, control)
            yield family

    def resident(self) -> tuple[str, ...]:
        """The ids of the loaded models, least recently used first."""
        return tuple(key[0] for key in self._resident)

    def resident_mb(self) -> dict[str, int]:
        """Loaded models and the memory that each was measured to take."""
        return {key[0]: resident.memory_mb for key, resident in self._resident.items()}

    def load_seconds(self) -> dict[str, float]:
        """How long each model that was ever loaded here took to load, the last time."""
        return {key[0]: load.seconds for key, load in self._loads.items()}

    def has_just_loaded(self, *, loads: float, longest: float) -> bool:
        """Whether the newest load ended less than `loads` times its own seconds ago, and less than `longest`."""
        if not self._loads:
            return False
        newest = max(self._loads.values(), key=lambda load: load.ended)
        return self._clock() - newest.ended < min(loads * newest.seconds, longest)

    def has_room(self, entry: Entry) -> bool:
        """Whether it can be loaded beside what is loaded, or is already."""
        key = _key(entry)
        return key in self._resident or self._used() + self._needed(entry) <= self._budget_mb()

    def mark(self, entry: Entry, is_whole: bool) -> None:
        """Say whether its weights are those that were loaded; a model that is lent while they aren't is loaded anew."""
        with self._lock:
            (self._changed.discard if is_whole else self._changed.add)(_key(entry))

    def drop_all(self) -> None:
        with self._lock:
            self._resident.clear()
            device.drop_caches()

    def _family(self, entry: Entry) -> Family:
        key = _key(entry)
        if key in self._changed:
            self._resident.pop(key, None)
            self._changed.discard(key)
            device.drop_caches()
        if key not in self._resident:
            self._make_room(self._needed(entry))
            self._resident[key] = self._loaded(entry)
            self._make_room(0, least=1)  # it may be larger than it was said to be
        self._resident.move_to_end(key)
        return self._resident[key].family

    def _loaded(self, entry: Entry) -> _Resident:
        before, began = device.used_mb(), self._clock()
        family = self._load(entry)
        ended = self._clock()
        memory_mb = placement.memory_mb(family, entry, grown_mb=device.used_mb() - before)
        self._loads[_key(entry)] = _Load(memory_mb, ended - began, ended)
        return _Resident(family, memory_mb)

    def _load_control(self, entry: Entry, family: Family, kind: str) -> None:
        """It stays as long as its model, and counts with it."""
        held, key = controlled.of(family, entry), _key(entry)
        if kind in held:
            return
        weights = entry.controls.get(kind)
        self._make_room(weights.memory_mb if weights else 0, least=1)
        before, model_mb = device.used_mb(), self._resident[key].memory_mb
        held[kind] = controlled.load(entry, kind)
        grown_mb = model_mb + device.used_mb() - before
        self._resident[key] = _Resident(family, placement.memory_mb(family, entry, grown_mb=grown_mb))
        self._make_room(0, least=1)

    def _needed(self, entry: Entry) -> int:
        """What it was measured to take, or what its entry says before its first load."""
        load = self._loads.get(_key(entry))
        return load.memory_mb if load else entry.memory_mb

    def _make_room(self, memory_mb: int, least: int = 0) -> None:
        """Unload models until so much more fits; with `least` 1, the newest stays even where it doesn't fit."""
        while len(self._resident) > least and self._used() + memory_mb > self._budget_mb():
            self._resident.popitem(last=False)
            device.drop_caches()

    def _used(self) -> int:
        return sum(resident.memory_mb for resident in self._resident.values())


def _key(entry: Entry) -> _Key:
    return (entry.id, entry.source, entry.revision, entry.variant, entry.offload, entry.quantise)
