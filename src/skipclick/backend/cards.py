"""Which graphics card is this process's own."""

from __future__ import annotations

import os


def own_card() -> int | None:
    """The number of this process's card where `torchrun` started one process for each; None elsewhere.

    It is what "auto" and "cuda" mean there; "cuda:1" means that card everywhere.
    """
    rank = os.environ.get("LOCAL_RANK", "")
    return int(rank) if rank.isdecimal() else None
