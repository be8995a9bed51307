"""SBD: photographs of Pascal VOC with every object outlined, kept in MATLAB files."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from skipclick.datasets.labels import split_labels
from skipclick.datasets.listed import read_listed
from skipclick.datasets.sample import Sample, TargetObject
from skipclick.errors import DatasetError


def read_sbd(root: Path, split: str) -> tuple[Sample, ...]:
    """List SBD: `img/ID.jpg` and `inst/ID.mat` for each line of `SPLIT.txt` (specification 5.2).

    Nothing is written into the folder (specification, trap 34).

    Args:
        root: the folder.
        split: "val" or "train".

    Raises:
        DatasetError: the folder is not laid out like this.
    """
    return read_listed(root, f"{split}.txt", "img/{}.jpg", "inst/{}.mat", read_instances)


read_sbd_val = partial(read_sbd, split="val")
read_sbd_train = partial(read_sbd, split="train")


def read_instances(path: Path) -> tuple[TargetObject, ...]:
    """Read the first field of the structure `GTinst`, a label map in which 0 is background.

    Raises:
        DatasetError: the file is damaged or holds something else.
    """
    # Takes as long to import as everything else here together, and only SBD needs it.
    from scipy.io import loadmat

    try:
        labels: NDArray[Any] = loadmat(path, variable_names=["GTinst"])["GTinst"][0, 0][0]
    except Exception as error:  # the decoder raises whatever a damaged file leads it to
        raise DatasetError(f"{path} has no readable structure GTinst: fetch it again") from error
    if not isinstance(labels, np.ndarray) or labels.ndim != 2 or labels.dtype.kind not in "bui":
        raise DatasetError(f"{path} has no label map as the first field of GTinst: fetch it again")
    found = np.unique(labels)
    return split_labels(labels, found[found != 0])
