"""Pascal VOC 2012: photographs with every object in a colour of its own, outlines marked to be ignored."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from skipclick.datasets.labels import split_labels
from skipclick.datasets.listed import read_listed
from skipclick.datasets.sample import Sample, TargetObject, read_colour

OUTLINE = 220
"""The grey value of the colour (224, 224, 192) in which outlines are drawn."""


def read_pascal_voc(root: Path) -> tuple[Sample, ...]:
    """List Pascal VOC's validation images, in the layout in which they are handed out (specification 5.2).

    Raises:
        DatasetError: the folder is not laid out like that.
    """
    return read_listed(
        root,
        "ImageSets/Segmentation/val.txt",
        "JPEGImages/{}.jpg",
        "SegmentationObject/{}.png",
        read_grey_values,
    )


def read_grey_values(path: Path) -> tuple[TargetObject, ...]:
    """Read a coloured mask as grey; each value is an object, except 0 and the ignored 220.

    Raises:
        DatasetError: the file is not an image.
    """
    grey = cv2.cvtColor(read_colour(path), cv2.COLOR_BGR2GRAY)
    found = np.unique(grey)
    return split_labels(grey, found[(found != 0) & (found != OUTLINE)], ignored=OUTLINE)
