"""Randomness that depends on the object alone, not on when or where it is evaluated."""

from __future__ import annotations

import hashlib

import numpy as np


def generator_for(seed: int, sample: str, object_id: int, purpose: str) -> np.random.Generator:
    """A generator of its own for each object and each purpose.

    So an object meets the same chances in a part of the data set as in all of it, in any order, and on any
    number of machines; and switching one random thing on does not change another.

    Args:
        seed: 0 or more.
        sample: the sample's name.
        object_id: the object's id within the sample.
        purpose: what is drawn, "start" or "clicks".
    """
    text = f"{seed}\n{purpose}\n{object_id}\n{sample}"
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big"))
