"""A data set's fingerprint: whether two people measured the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from skipclick.datasets.sample import Dataset, Sample


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a data set holds, as its reader understands it.

    Attributes:
        images: how many images.
        objects: how many objects on them.
        sha256: a hash of the samples' names and ground truths, as hexadecimal digits.
    """

    images: int
    objects: int
    sha256: str


def fingerprint(dataset: Dataset, *, progress: Callable[[int], None] | None = None) -> Fingerprint:
    """Read all ground truths of a data set, and none of its images.

    Hashed are the pixels that count as object and those that are ignored, not the files: masks stored in
    another way have the same fingerprint, and masks read by another rule have another.

    Args:
        dataset: what `open_dataset` returned.
        progress: told how many samples are finished.

    Raises:
        DatasetError: a ground truth cannot be read.
    """
    digest = hashlib.sha256()
    objects = 0
    for count, sample in enumerate(dataset.samples, start=1):
        objects += _add(digest, sample)
        if progress is not None:
            progress(count)
    return Fingerprint(len(dataset.samples), objects, digest.hexdigest())


def _add(digest: hashlib._Hash, sample: Sample) -> int:
    """Hash a sample; also the number of its objects."""
    targets = sample.read_truth(sample.truth_file)
    # Every part says how long it is or ends in a line break, so that no two data sets run into one text.
    digest.update(f"{len(sample.name.encode())} {sample.name} {len(targets)}\n".encode())
    for target in targets:
        height, width = target.truth.shape
        digest.update(f"{target.id} {height} {width}\n".encode())
        for value in (1, -1):
            digest.update(np.packbits(target.truth == value).tobytes())
    return len(targets)
