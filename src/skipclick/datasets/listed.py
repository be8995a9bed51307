"""Data sets whose images are listed in a text file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from skipclick.datasets.sample import Sample, TargetObject, check_files
from skipclick.errors import DatasetError


def read_listed(
    root: Path,
    list_file: str,
    image: str,
    truth: str,
    read_truth: Callable[[Path], tuple[TargetObject, ...]],
) -> tuple[Sample, ...]:
    """List a data set by its text file with one name in each line.

    Args:
        root: the data set's folder.
        list_file: the text file inside it.
        image: where an image lies, `{}` standing for its name, as in "img/{}.jpg".
        truth: where its ground truth lies, likewise.
        read_truth: reads a ground truth.

    Returns:
        The samples, by name.

    Raises:
        DatasetError: the text file is missing or empty, a name is no plain file name or occurs twice, or a
            listed file is missing.
    """
    layout = f"expected {image.format('NAME')} and {truth.format('NAME')} for each line of {root / list_file}"
    try:
        text = (root / list_file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{root / list_file} cannot be read: {layout}") from error
    names = sorted(line.strip() for line in text.splitlines() if line.strip())
    if not names:
        raise DatasetError(f"{root / list_file} is empty: {layout}")
    for name, following in zip(names, [*names[1:], ""], strict=True):
        if set(name) & set("/\\:"):
            raise DatasetError(f"{root / list_file} lists {name!r}, which is no plain name: {layout}")
        if name == following:
            raise DatasetError(f"{root / list_file} lists {name} twice: remove one of the lines")
    samples = tuple(
        Sample(name, root / image.format(name), root / truth.format(name), read_truth) for name in names
    )
    check_files((file for one in samples for file in (one.image_file, one.truth_file)), layout)
    return samples
