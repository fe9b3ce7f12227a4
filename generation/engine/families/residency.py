"""Which models stay loaded: one thread borrows one at a time, and the least recently used one is unloaded first."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import RLock

from generation.engine import device, families
from generation.engine.families import Family
from generation.requests.catalogue import Entry

_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Resident:
    family: Family
    memory_mb: int


class Residency:
    """The loaded models of one process. `budget_mb` bounds what they measured, not what the catalogue promised."""

    def __init__(
        self,
        budget_mb: Callable[[], int] = device.model_budget_mb,
        load: Callable[[Entry], Family] = families.load,
    ) -> None:
        self._budget_mb, self._load = budget_mb, load
        self._resident: OrderedDict[_Key, _Resident] = OrderedDict()
        self._lock = RLock()

    @contextmanager
    def lend(self, entry: Entry) -> Iterator[Family]:
        """The loaded model, for this thread alone. Raises ModelUnavailable."""
        with self._lock:
            yield self._family(entry)

    def resident(self) -> tuple[str, ...]:
        """The ids of the loaded models, least recently used first."""
        return tuple(key[0] for key in self._resident)

    def resident_mb(self) -> dict[str, int]:
        """Loaded models and the memory that each was measured to take."""
        return {key[0]: resident.memory_mb for key, resident in self._resident.items()}

    def drop_all(self) -> None:
        with self._lock:
            self._resident.clear()
            device.drop_caches()

    def _family(self, entry: Entry) -> Family:
        key = (entry.id, entry.source, entry.revision, entry.variant)
        if key not in self._resident:
            self._make_room(entry.memory_mb)
            before = device.used_mb()
            family = self._load(entry)
            measured = device.used_mb() - before
            self._resident[key] = _Resident(family, measured if measured > 0 else entry.memory_mb)
        self._resident.move_to_end(key)
        return self._resident[key].family

    def _make_room(self, memory_mb: int) -> None:
        """Unload models until the next one fits; it is loaded even if it alone is larger than the budget."""
        while self._resident and self._used() + memory_mb > self._budget_mb():
            self._resident.popitem(last=False)
            device.drop_caches()

    def _used(self) -> int:
        return sum(resident.memory_mb for resident in self._resident.values())
