"""What a run learns from and is measured on, as short hashes: equal for equal contents, wherever they lie."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from skipclick.datasets import Sample
from skipclick.errors import DatasetError
from skipclick.training.sample import TrainingSample

MARK = "sha256:"
"""What hashes begin with."""


def marked(digest: str) -> str:
    """A hash of 64 hexadecimal digits as runs write it down: marked, and cut to 16 digits."""
    return f"{MARK}{digest[:16]}"


def names_digest(names: Iterable[str]) -> str:
    """A hash of a list of names."""
    return marked(hashlib.sha256("\n".join(names).encode()).hexdigest())


def files_digest(files: Iterable[Path]) -> str:
    """A hash of files' contents, in this order, but not of their names; a file that comes twice counts once.

    Raises:
        DatasetError: a file cannot be read.
    """
    digest = hashlib.sha256()
    for file in dict.fromkeys(files):
        try:
            content = file.read_bytes()
        except OSError as error:
            raise DatasetError(f"{file} cannot be read: {error.strerror or error}") from error
        digest.update(f"{len(content)}\n".encode() + content)
    return marked(digest.hexdigest())


def sizes_digest(samples: Iterable[Sample]) -> str:
    """A hash of how many bytes each image has: their contents would take minutes to read.

    Raises:
        DatasetError: an image is not there.
    """
    sizes = []
    for sample in samples:
        try:
            sizes.append(sample.image_file.stat().st_size)
        except OSError as error:
            raise DatasetError(f"{sample.image_file} cannot be read: {error.strerror or error}") from error
    return names_digest(map(str, sizes))


def samples_digest(samples: Sequence[Sample]) -> dict[str, str]:
    """Hashes of samples' masks, by contents, and of their images, by sizes.

    Raises:
        DatasetError: a file cannot be read.
    """
    return {"masks": files_digest(sample.truth_file for sample in samples), "sizes": sizes_digest(samples)}


def views_digest(samples: Sequence[TrainingSample]) -> dict[str, str]:
    """Hashes of samples' pixels, and of their objects."""
    images, masks = hashlib.sha256(), hashlib.sha256()
    for sample in samples:
        images.update(f"{sample.image.shape}\n".encode() + sample.image.tobytes())
        objects = [(id_, one.layer, one.value, one.parent) for id_, one in sample.objects.items()]
        masks.update(f"{sample.layers.shape} {objects} {sample.ignored}\n".encode() + sample.layers.tobytes())
    return {"images": marked(images.hexdigest()), "masks": marked(masks.hexdigest())}
