"""The processes of a run: one, or as many as `torchrun` started."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from skipclick.backend.cards import own_card
from skipclick.backend.torch import choose_device
from skipclick.training.recipes import TrainingError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class World:
    """This process among the others.

    Attributes:
        device: where it computes.
        rank: its number, from 0.
        size: how many there are.
    """

    device: torch.device
    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this is the process that writes files."""
        return self.rank == 0

    def total(self, values: Tensor) -> Tensor:
        """The sum of all processes' tensors of one shape."""
        if self.size > 1:
            values = values.to(self.device)
            dist.all_reduce(values)
        return values.cpu()

    def wait(self) -> None:
        """Go on only when all processes have come this far."""
        if self.size > 1:
            dist.barrier()

    def gather(self, value: T) -> list[T]:
        """All processes' values, in the order of their numbers."""
        if self.size == 1:
            return [value]
        values: list[T] = [value] * self.size
        dist.all_gather_object(values, value)
        return values


@contextmanager
def open_world(device: str = "auto") -> Iterator[World]:
    """Join the other processes if `torchrun` started this one, and leave them at the end.

    Args:
        device: as for `choose_device`; under `torchrun`, each process takes a GPU of its own.

    Raises:
        ModelError: the device does not exist here.
        TrainingError: more processes than GPUs.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World(choose_device(device))
        return
    local = own_card() or 0
    chosen = choose_device(device)
    if chosen.type == "cuda":
        if local >= torch.cuda.device_count():
            count = torch.cuda.device_count()
            raise TrainingError(f"this machine has {count} GPUs: start no more processes than that on it")
        chosen = torch.device("cuda", local)
        torch.cuda.set_device(chosen)
    elif chosen.type == "mps":
        raise TrainingError("several processes cannot share an MPS device: use --device cpu, or one process")
    dist.init_process_group("nccl" if chosen.type == "cuda" else "gloo")
    try:
        yield World(chosen, dist.get_rank(), dist.get_world_size())
    finally:
        dist.destroy_process_group()
