"""One training loop for the imaging nets: seeded, averaged, resumable after every epoch, told to MLflow."""

import hashlib
import json
import math
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import mlflow
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from cdss.training import tracking

Batches = Callable[[int], Iterable[Any]]  # epoch -> batches, the same for the same epoch
Losses = Callable[[nn.Module, Any], dict[str, Tensor]]
Check = Callable[[nn.Module], dict[str, float]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how fast. `rates` are peak learning rates by the first name of a parameter, "" for the rest."""

    epochs: int
    steps: int  # batches an epoch
    rates: dict[str, float]
    decay: float = 0.02
    warm: float = 0.05  # share of all steps with rising rate
    averaging: float = 0.998
    clip: float = 2.0
    check_every: int = 2
    seed: int = 20261121


def checkpoint_of(name: str) -> Path:
    """Where the training of a model is kept between epochs."""
    return tracking.home() / "checkpoints" / f"{name}.pt"


def device() -> torch.device:
    """The accelerator if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def halves() -> bool:
    """Whether this machine multiplies bfloat16 quickly: a GPU, or a CPU with AVX-512 for it. Elsewhere it is slow."""
    return torch.cuda.is_available() or bool(torch.cpu.get_capabilities().get("avx512_bf16", False))


def fit(net: nn.Module, plan: Plan, batches: Batches, losses: Losses, check: Check, checkpoint: Path) -> nn.Module:
    """Train `net`, going on from `checkpoint` if it is of this plan; returns the averaged net, in evaluation mode."""
    torch.manual_seed(plan.seed)
    net.to(device())
    optimiser = torch.optim.AdamW(_groups(net, plan), weight_decay=plan.decay)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _pace(step, plan))
    average = AveragedModel(net, avg_fn=lambda *parts: _averaged(plan.averaging, *parts), use_buffers=True)
    first = _resume(checkpoint, plan, net=net, optimiser=optimiser, schedule=schedule, average=average)
    for epoch in range(first, plan.epochs):
        started = time.monotonic()
        net.train()
        sums: dict[str, float] = {}
        for step, batch in enumerate(batches(epoch), start=1):
            parts = losses(net, batch)
            _step(sum(parts.values(), torch.tensor(0.0, device=device())), net, optimiser, plan.clip)
            schedule.step()
            average.update_parameters(net)
            for name, part in parts.items():
                sums[name] = sums.get(name, 0.0) + part.item()
            _progress(f"epoch {epoch + 1}/{plan.epochs} step {step}/{plan.steps} {time.monotonic() - started:.0f} s")
        told = {f"loss_{name}": value / plan.steps for name, value in sums.items()}
        if (epoch + 1) % plan.check_every == 0 or epoch + 1 == plan.epochs:
            told |= check(average.module.eval())
        _tell(told, epoch + 1)
        _save(checkpoint, plan, epoch + 1, net=net, optimiser=optimiser, schedule=schedule, average=average)
    return average.module.eval()


def _groups(net: nn.Module, plan: Plan) -> list[dict[str, Any]]:
    """Trainable parameters by learning rate; norms and biases without decay."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in net.named_parameters():
        if parameter.requires_grad:
            rate = plan.rates.get(name.split(".")[0], plan.rates[""])
            groups.setdefault((rate, plan.decay if parameter.ndim > 1 else 0.0), []).append(parameter)
    return [{"params": group, "lr": rate, "weight_decay": decay} for (rate, decay), group in groups.items()]


def _pace(step: int, plan: Plan) -> float:
    """Share of the peak rate: a straight rise, then half a cosine to 1 %."""
    total = plan.epochs * plan.steps
    rise = max(1, round(plan.warm * total))
    if step < rise:
        return (step + 1) / rise
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(1.0, (step - rise) / max(1, total - rise))))


def _averaged(most: float, average: Tensor, now: Tensor, steps: Tensor | int) -> Tensor:
    """Exponential average that forgets fast in the first steps, so that the start does not linger."""
    keep = min(most, (1 + int(steps)) / (10 + int(steps)))
    return average * keep + now * (1 - keep) if average.is_floating_point() else now


def _step(loss: Tensor, net: nn.Module, optimiser: torch.optim.Optimizer, clip: float) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(net.parameters(), clip)
    optimiser.step()


def _digest(plan: Plan) -> str:
    return hashlib.sha256(json.dumps(asdict(plan), sort_keys=True).encode()).hexdigest()


def _save(path: Path, plan: Plan, epoch: int, **parts: Any) -> None:
    """Write beside and rename, so that a kill leaves the old checkpoint whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {"plan": _digest(plan), "epoch": epoch, **{name: part.state_dict() for name, part in parts.items()}}
    beside = path.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(path)


def _resume(path: Path, plan: Plan, **parts: Any) -> int:
    """The epoch to go on from; 0 without a checkpoint of this plan."""
    if not path.is_file():
        return 0
    state = torch.load(path, map_location=device(), weights_only=True)
    if state["plan"] != _digest(plan):
        _progress(f"{path.name} is of another plan: starting anew", end="\n")
        return 0
    for name, part in parts.items():
        part.load_state_dict(state[name])
    _progress(f"going on after epoch {state['epoch']}", end="\n")
    return int(state["epoch"])


def _tell(told: dict[str, float], epoch: int) -> None:
    if mlflow.active_run():
        mlflow.log_metrics(told, step=epoch)
    _progress(f"epoch {epoch}: " + " ".join(f"{name} {value:.4f}" for name, value in told.items()), end="\n")


def _progress(text: str, end: str = "") -> None:
    """A line that overwrites itself on a terminal; in a log only whole lines."""
    if end or sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{text}{end}" if sys.stderr.isatty() else f"{text}{end}")
        sys.stderr.flush()
