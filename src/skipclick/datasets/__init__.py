"""Evaluation data sets: one small file for each, all of them in the table `DATASETS`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from skipclick.datasets.berkeley import read_berkeley
from skipclick.datasets.davis import read_davis
from skipclick.datasets.grabcut import read_grabcut
from skipclick.datasets.sample import Dataset, LoadedSample, Sample, TargetObject
from skipclick.errors import DatasetError

__all__ = ["DATASETS", "Dataset", "LoadedSample", "Sample", "TargetObject", "open_dataset"]

DATASETS: dict[str, Callable[[Path], tuple[Sample, ...]]] = {
    "GrabCut": read_grabcut,
    "Berkeley": read_berkeley,
    "DAVIS": read_davis,
}
"""The data sets by name; each entry lists the samples in a folder."""


def open_dataset(name: str, path: str | Path, *, label: str | None = None) -> Dataset:
    """List a data set; no image is read yet.

    Args:
        name: a key of `DATASETS`.
        path: the data set's folder.
        label: what to call it in tables, for a subset say; None means `name`.

    Raises:
        DatasetError: an unknown name, or a folder that is not laid out as this data set is.
    """
    if name not in DATASETS:
        raise DatasetError(f"unknown data set {name!r}: choose one of {', '.join(DATASETS)}")
    root = Path(path)
    if not root.is_dir():
        raise DatasetError(f"the folder {root} does not exist: give the folder in which {name} was unpacked")
    return Dataset(name, label if label is not None else name, DATASETS[name](root))
