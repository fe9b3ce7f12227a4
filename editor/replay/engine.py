"""The kernels on the server: the WebAssembly file that the browser runs, in a sandbox with fuel and bounded memory."""

from __future__ import annotations

import ctypes
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
import wasmtime
from numpy.typing import NDArray

# `Func.__call__` asks for the function's type anew and boxes every number: 0.1 to 0.3 ms a call, more than most kernels
# take. The unchecked call of wasmtime's C API is 30 times cheaper; `_Kernel` checks what it leaves out.
from wasmtime import _bindings as c_api

FOLDER: Final = Path(__file__).resolve().parent.parent / "kernels"
PAGE: Final = 65536
BEGIN: Final = 1024 * 1024  # behind the places of all parts: editor/kernels/build.py
MEMORY: Final = 256 * 1024 * 1024
# What one replay may use. A stroke of 1,000 samples at radius 400 on 4096 x 4096 takes some 2e9.
FUEL: Final = 10**13


class OutOfFuel(Exception):
    """The operations cost more than a replay may."""


class Kernels:
    """An instance of the kernels with memory of its own.

    `memory` is a view of all of it (uint8); `room(n)` gives the address of n fresh bytes, aligned to 16; `call` runs a
    kernel. Close it, or use it in a `with`: the view is of no use afterwards. Without fuel (None) nothing is
    counted, for work whose cost the size of the document bounds, as compositing.
    """

    def __init__(self, *, simd: bool = True, memory: int = MEMORY, fuel: int | None = FUEL) -> None:
        self._parts = _files(simd=simd)
        engine, module = _compiled(self._parts[0], metered=fuel is not None)
        self._metered = fuel is not None
        pages = memory // PAGE
        self._store = wasmtime.Store(engine)
        self._store.set_limits(memory_size=memory)
        if fuel is not None:
            self._store.set_fuel(fuel)
        # All of it at once: an untouched page costs nothing, and the view never has to be recreated.
        self._memory = wasmtime.Memory(self._store, wasmtime.MemoryType(wasmtime.Limits(pages, pages)))
        self._exports: dict[str, Any] = {}
        self._begin_with(module)
        self._loaded = 1  # of the parts: the first one's kernels are there
        self._kernels: dict[str, _Kernel] = {}
        base = ctypes.cast(self._memory.data_ptr(self._store), ctypes.POINTER(ctypes.c_uint8))
        self.memory: NDArray[np.uint8] = np.ctypeslib.as_array(base, (memory,))
        self._next = BEGIN

    def room(self, size: int) -> int:
        """Return the address of `size` bytes that nobody else was given. Raises MemoryError."""
        at = -(-self._next // 16) * 16
        if at + size > len(self.memory):
            raise MemoryError(f"{size} bytes do not fit into what a replay may use")
        self._next = at + size
        return at

    def reset(self, to: int | None = None) -> None:
        """Take every address back, or those from `to` on."""
        self._next = BEGIN if to is None else to

    def put(self, values: NDArray[Any] | bytes) -> int:
        """Copy an array into fresh room and return its address."""
        raw = np.frombuffer(values, np.uint8) if isinstance(values, bytes) else _raw(values)
        at = self.room(max(1, raw.size))
        self.memory[at : at + raw.size] = raw
        return at

    def view(self, at: int, shape: tuple[int, ...], dtype: Any = np.uint8) -> NDArray[Any]:
        """Return the memory at an address as an array; it changes as kernels write."""
        size = int(np.prod(shape)) * np.dtype(dtype).itemsize
        found: NDArray[Any] = self.memory[at : at + size].view(dtype).reshape(shape)
        return found

    def call(self, kernel: str, *arguments: int) -> int:
        """Run a kernel and return its number (0 where it gives none). Raises OutOfFuel."""
        found = self._kernels.get(kernel)
        if found is None:
            found = self._kernels[kernel] = _Kernel(self._store, self._found(kernel))
        return found(*arguments)

    def _found(self, kernel: str) -> Any:
        """Return a function, from a part that is loaded now where none that is loaded has it. Raises KeyError."""
        while kernel not in self._exports and self._loaded < len(self._parts):
            self._begin_with(_compiled(self._parts[self._loaded], metered=self._metered)[1])
            self._loaded += 1
        return self._exports[kernel]

    def _begin_with(self, module: wasmtime.Module) -> None:
        """Load a part: its functions work on this memory."""
        self._exports |= wasmtime.Instance(self._store, module, [self._memory]).exports(self._store).items()

    @property
    def fuel(self) -> int:
        """What is left."""
        return int(self._store.get_fuel())

    def refuel(self, amount: int) -> None:
        """Say what may be used from now on."""
        self._store.set_fuel(amount)

    def close(self) -> None:
        """Give the memory back."""
        del self.memory
        self._exports, self._kernels = {}, {}
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()


class _Kernel:
    """One function of an instance, called without the detours of `wasmtime.Func`. Every number is an i32."""

    def __init__(self, store: wasmtime.Store, function: Any) -> None:
        kind = function.type(store)
        if any(str(each) != "i32" for each in (*kind.params, *kind.results)):
            raise TypeError("a kernel takes and gives whole numbers of 32 bits")
        self._count, self._answers = len(kind.params), bool(kind.results)
        self._slots = max(1, self._count, len(kind.results))
        self._numbers = (c_api.wasmtime_val_raw * self._slots)()
        self._context = store._context()  # noqa: SLF001  (what the unchecked call takes)
        self._function = ctypes.byref(function._func)  # noqa: SLF001
        self._owner = function  # keeps it alive

    def __call__(self, *arguments: int) -> int:
        if len(arguments) != self._count:
            raise TypeError(f"this kernel takes {self._count} numbers, not {len(arguments)}")
        numbers = self._numbers
        for slot, value in enumerate(arguments):
            numbers[slot].i32 = value  # a number beyond 31 bits keeps its bits: colours use the highest one
        trap = ctypes.POINTER(c_api.wasm_trap_t)()
        error = c_api.wasmtime_func_call_unchecked(
            self._context, self._function, numbers, self._slots, ctypes.byref(trap)
        )
        if error:  # type: ignore[truthy-bool]  # a null pointer is false
            raise wasmtime.WasmtimeError._from_ptr(error)  # noqa: SLF001
        if trap:  # type: ignore[truthy-bool]
            raised = wasmtime.Trap._from_ptr(trap)  # noqa: SLF001
            if raised.trap_code == wasmtime.TrapCode.OUT_OF_FUEL:
                raise OutOfFuel
            raise raised
        return int(numbers[0].i32) if self._answers else 0


def _raw(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(values).reshape(-1).view(np.uint8)


@cache
def _files(*, simd: bool) -> list[str]:
    """Return the names of the kernels' files, first the one that is always needed."""
    build = "k1" if simd else "k1s"
    return [f"{build}.wasm", *sorted(path.name for path in FOLDER.glob(f"{build}-*.wasm"))]


@cache
def _engine(*, metered: bool) -> wasmtime.Engine:
    config = wasmtime.Config()
    config.consume_fuel = metered
    return wasmtime.Engine(config)


@cache
def _compiled(name: str, *, metered: bool) -> tuple[wasmtime.Engine, wasmtime.Module]:
    engine = _engine(metered=metered)
    return engine, wasmtime.Module.from_file(engine, str(FOLDER / name))
