"""What an evaluation ran on, for the head of its trace."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from contextlib import suppress
from importlib import metadata
from pathlib import Path

import cv2

from skipclick.backend.protocol import Backend
from skipclick.backend.threads import thread_count, usable_cores

_CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")


def made_with(model: Backend) -> dict[str, str]:
    """Device, back end, the versions that may change a number, and the hardware."""
    return {
        "device": model.device,
        "backend": type(model).__name__,
        **{name: installed_version(name) for name in ("skipclick", "numpy", "scipy", "torch")},
        "opencv": cv2.__version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processor": processor_name(),
        "cores": str(usable_cores()),
        "threads": str(thread_count()),
        **({"gpu": _gpus()} if model.device.startswith("cuda") else {}),
    }


def physical_memory() -> int:
    """Bytes of memory of this machine, or of the container's share; 8 GiB where the system doesn't tell."""
    sizes = []
    try:
        sizes.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        sizes.append(8 * 2**30)
    with suppress(OSError, ValueError):  # no container, or "max": no limit
        sizes.append(int(_CONTAINER_LIMIT.read_text(encoding="ascii")))
    return min(sizes)


def installed_version(package: str) -> str:
    """A package's version, or that it is not installed."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def processor_name() -> str:
    """The processor's name where the system tells it, else its architecture."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _gpus() -> str:
    """The names of the graphics cards, as their driver's tool tells them."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return "unknown"
    command = [tool, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return ", ".join(dict.fromkeys(done.stdout.split("\n"))).strip(", ")
