"""One resumable training loop for every stage: schedule, moving average, checkpoints, log, loss curve.

State lies in `var/bundled/<stage>/`: fp16 weights and their moving average, the step, a line of log every 25 steps.
A stage ends at its step count or at SIGTERM; either way it saves, and the same command goes on from there with the
optimiser warmed up anew. `--workers 2` runs two processes of one thread each that average their gradients (two threads
in one process lose to any other load on the machine); on a GPU one worker is enough.
"""

import argparse
import json
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch
from torch import Tensor, distributed, nn
from torch.multiprocessing.spawn import spawn

STATE: Final = Path("var/bundled")
WARMUP: Final = 40  # steps of rising learning rate after every start
MUON: Final = 10.0  # its rate beside AdamW's: its steps have a length of their own, whatever the gradient's


@dataclass(frozen=True, slots=True)
class Plan:
    """How a stage is trained. `rate` is the highest learning rate; it falls linearly after `flat` of all steps."""

    stage: str
    steps: int
    rate: float
    seed: int = 0
    workers: int = 1
    flat: float = 0.5
    average: float = 0.999
    batch: int = 0  # 0: the stage's own, meant for one CPU core; a GPU wants hundreds
    compiled: bool = False  # torch.compile: pays off on a GPU
    muon: bool = False  # for the matrices between hidden units, the square ones: AdamW has the rest
    save_every: float = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Step:
    """Which batch a loss is asked for, where, and how large (0: the stage's own size)."""

    number: int
    worker: int
    device: torch.device
    batch: int = 0


Loss = Callable[[nn.Module, Step], Tensor]


def parser(stage: str, steps: int, rate: float) -> argparse.ArgumentParser:
    """Arguments that all stages share."""
    arguments = argparse.ArgumentParser(description=f"Trains the stage «{stage}» of the bundled model.")
    arguments.add_argument("--steps", type=int, default=steps)
    arguments.add_argument("--rate", type=float, default=rate)
    arguments.add_argument("--flat", type=float, default=0.5)
    arguments.add_argument("--seed", type=int, default=0)
    arguments.add_argument("--workers", type=int, default=1)
    arguments.add_argument(
        "--batch", type=int, default=0, help="pictures a step and worker; 0 is the stage's own size"
    )
    arguments.add_argument("--compile", action="store_true", help="for a GPU")
    return arguments


def plan(stage: str, arguments: argparse.Namespace) -> Plan:
    a = arguments
    return Plan(stage, a.steps, a.rate, a.seed, a.workers, a.flat, batch=a.batch, compiled=a.compile)


def train(build: Callable[[], nn.Module], loss: Loss, how: Plan) -> None:
    """Train until `how.steps`; `build` and `loss` must be importable functions (they travel to the workers)."""
    if how.workers == 1:
        _work(0, build, loss, how, 0)
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    spawn(_work, args=(build, loss, how, port), nprocs=how.workers)


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load_average(stage: str, module: nn.Module) -> int:
    """Put a stage's moving average into the module; returns its step. FileNotFoundError without one."""
    state = torch.load(STATE / stage / "state.pt", map_location="cpu", weights_only=True)
    module.load_state_dict({name: value.float() for name, value in state["average"].items()})
    return int(state["step"])


def _work(worker: int, build: Callable[[], nn.Module], loss: Loss, how: Plan, port: int) -> None:
    where = device()
    if where.type == "cpu":
        torch.set_num_threads(1)
        os.nice(max(0, 19 - os.nice(0)))
    torch.manual_seed(how.seed)
    module = build().to(where).train()
    average = {name: value.detach().clone() for name, value in module.state_dict().items()}
    folder = STATE / how.stage
    folder.mkdir(parents=True, exist_ok=True)
    step, seen = _resume(folder, module, average)
    if how.workers > 1:
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
        distributed.init_process_group("gloo", rank=worker, world_size=how.workers)
    stop = _stopper(how.workers)
    running: nn.Module = torch.compile(module) if how.compiled else module  # type: ignore[assignment]
    trained = [p for p in module.parameters() if p.requires_grad]
    optimisers = _optimisers(trained, how)
    first, saved, mean, since = step, time.time(), 0.0, time.time()
    while step < how.steps and not stop():
        for optimiser in optimisers:
            for group in optimiser.param_groups:
                group["lr"] = optimiser.defaults["lr"] * _schedule(step, first, how)
        torch.manual_seed((how.seed * 1_000_003 + step) * 64 + worker)
        value = loss(running, Step(step, worker, where, how.batch))
        module.zero_grad()
        value.backward()
        if how.workers > 1:
            _share(trained, how.workers)
        nn.utils.clip_grad_norm_(trained, 1.0)
        for optimiser in optimisers:
            optimiser.step()
        step += 1
        keep = min(how.average, (1 + step - first) / (10 + step - first)) if step < 2000 else how.average
        for name, new in module.state_dict().items():
            if new.is_floating_point():
                average[name].lerp_(new, 1 - keep)
        mean += (float(value.detach()) - mean) / min(step - first, 100)
        if worker == 0 and (step % 25 == 0 or step == how.steps):
            pace = 25 / max(time.time() - since, 1e-9)
            since = time.time()
            _report(folder, how, step, mean, pace, seen + time.time() - saved)
        if worker == 0 and (time.time() - saved > how.save_every or step == how.steps):
            seen += time.time() - saved
            saved = time.time()
            _save(folder, module, average, step, seen)
    if worker == 0:
        _save(folder, module, average, step, seen + time.time() - saved)
        curve(how.stage)
    if how.workers > 1:
        distributed.destroy_process_group()


def _optimisers(trained: list[nn.Parameter], how: Plan) -> list[torch.optim.Optimizer]:
    hidden = [p for p in trained if how.muon and p.ndim == 2 and p.shape[0] == p.shape[1]]
    others = [p for p in trained if not any(p is q for q in hidden)]
    adam = torch.optim.AdamW(others, how.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True)
    return [adam, torch.optim.Muon(hidden, how.rate * MUON, weight_decay=0.01)] if hidden else [adam]


def _report(folder: Path, how: Plan, step: int, loss: float, pace: float, seconds: float) -> None:
    """Write a line to the log, and print one."""
    row = {
        "step": step,
        "loss": round(loss, 5),
        "steps_per_second": round(pace, 3),
        "seconds": round(seconds, 1),
    }
    with (folder / "log.jsonl").open("a") as log:
        log.write(json.dumps(row) + "\n")
    left = (how.steps - step) / pace / 60
    print(f"{how.stage}: step {step} of {how.steps}, loss {loss:.4f}, {left:.0f} minutes left", flush=True)


def _schedule(step: int, first: int, how: Plan) -> float:
    warm = min(1.0, (step - first + 1) / WARMUP)
    left = (how.steps - step) / max(1.0, how.steps * (1 - how.flat))
    return warm * max(0.02, min(1.0, left))


def _share(parameters: list[nn.Parameter], workers: int) -> None:
    flat = torch.cat(
        [p.grad.reshape(-1) if p.grad is not None else p.new_zeros(p.numel()) for p in parameters]
    )
    distributed.all_reduce(flat)
    flat /= workers
    at = 0
    for p in parameters:
        p.grad = flat[at : at + p.numel()].view_as(p)
        at += p.numel()


def _stopper(workers: int) -> Callable[[], bool]:
    """True once SIGTERM or SIGINT came (to any worker: all stop at the same step)."""
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: asked.append(1))

    def stop() -> bool:
        if workers == 1:
            return bool(asked)
        flag = torch.tensor([float(bool(asked))])
        distributed.all_reduce(flag)
        return bool(flag.item())

    return stop


def _resume(folder: Path, module: nn.Module, average: dict[str, Tensor]) -> tuple[int, float]:
    path = folder / "state.pt"
    if not path.exists():
        return 0, 0.0
    state = torch.load(path, map_location="cpu", weights_only=True)
    module.load_state_dict({name: value.float() for name, value in state["weights"].items()})
    for name, value in state["average"].items():
        average[name].copy_(value)
    return int(state["step"]), float(state["seconds"])


def _save(folder: Path, module: nn.Module, average: dict[str, Tensor], step: int, seconds: float) -> None:
    half = {name: value.detach().half().cpu() for name, value in module.state_dict().items()}
    mean = {name: value.detach().half().cpu() for name, value in average.items()}
    torch.save({"weights": half, "average": mean, "step": step, "seconds": seconds}, folder / "state.new")
    (folder / "state.new").replace(folder / "state.pt")


def log(stage: str) -> Iterator[dict[str, float]]:
    path = STATE / stage / "log.jsonl"
    if path.exists():
        yield from (json.loads(row) for row in path.read_text().splitlines())


def curve(stage: str) -> None:
    """Draws the loss over the steps, both on logarithmic axes, as `curve.png` in the stage's folder."""
    from math import log as ln

    from PIL import Image, ImageDraw

    rows = [(ln(row["step"]), ln(max(row["loss"], 1e-9))) for row in log(stage)]
    if len(rows) < 2:
        return
    (x0, x1), (y0, y1) = ((min(axis), max(axis)) for axis in zip(*rows, strict=True))
    picture = Image.new("RGB", (640, 320), "white")
    pen = ImageDraw.Draw(picture)
    points = [(20 + 600 * (x - x0) / (x1 - x0 or 1), 300 - 280 * (y - y0) / (y1 - y0 or 1)) for x, y in rows]
    pen.line(points, fill=(40, 90, 200), width=2)
    last = list(log(stage))[-1]
    pen.text((24, 4), f"{stage}: step {last['step']:.0f}, loss {last['loss']:.4f}", fill="black")
    picture.save(STATE / stage / "curve.png")
