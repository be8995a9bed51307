"""How quickly a labelled folder opens and takes an action: python benchmarks/annotation.py [FOLDER].

The project lies in a temporary folder inside FOLDER (the system's own by default), so that the disk of
interest is measured: 5,000 images with one object each, 1920 x 1080.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from skipclick.annotation import AddObject, Project, RunLengths, Together

IMAGES = 5000
ACTIONS = 200


def main() -> None:
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        measure(Path(folder))


def measure(folder: Path) -> None:
    names = [f"photo {number}.jpg" for number in range(IMAGES)]
    for name in names:
        (folder / name).touch()
    rows, columns = np.mgrid[:1080, :1920]
    mask = RunLengths.from_mask((columns - 900) ** 2 + (rows - 500) ** 2 < 300**2)
    with Project.open(folder) as project:
        project.do(Together("Label all", tuple(AddObject(name, 1, mask) for name in names)))
    times = []
    for _ in range(5):
        start = time.perf_counter()
        Project.open(folder).close()
        times.append(time.perf_counter() - start)
    print(f"open {IMAGES} images with {IMAGES} objects: {np.median(times):.2f} s, median of {len(times)}")
    times = []
    with Project.open(folder) as project:
        for name in names[:ACTIONS]:
            start = time.perf_counter()
            project.do(AddObject(name, 1, mask))
            times.append(time.perf_counter() - start)
    middle, late = np.percentile(times, [50, 95]) * 1000
    print(f"one action, on disk: {middle:.1f} ms (p50), {late:.1f} ms (p95) of {ACTIONS}")


if __name__ == "__main__":
    main()
