"""How many processor threads a model may use."""

from __future__ import annotations

import os
import sys
from pathlib import Path

MOST = 16
"""More threads than this have little to do at the sizes of one image."""

_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def thread_count() -> int:
    """Threads for one model: OMP_NUM_THREADS if it is set, else the processors that are ours, at most `MOST`.

    Processors that are ours are those that the process may run on, and no more than its container's share:
    a machine of 64 cores of which a container has two would otherwise be asked for 64 threads.
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted)
    return max(1, min(usable_cores(), _container_share(), MOST))


def usable_cores() -> int:
    """Processors that this process may run on."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _container_share() -> int:
    """Processors that the container may use, rounded up; a large number without a limit."""
    try:
        quota, period = _CGROUP_LIMIT.read_text(encoding="ascii").split()
        return -(-int(quota) // int(period))
    except (OSError, ValueError):  # no such file, or "max": no limit
        return 1 << 20
