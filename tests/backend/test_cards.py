from __future__ import annotations

import pytest

from skipclick.backend.cards import own_card


@pytest.mark.parametrize(
    ("rank", "card"), [(None, None), ("0", 0), ("3", 3), ("12", 12), ("", None), ("-1", None), ("x", None)]
)
def test_a_process_has_its_card_under_torchrun_alone(
    monkeypatch: pytest.MonkeyPatch, rank: str | None, card: int | None
) -> None:
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    # One of several machines, or of several processes: neither tells which card.
    monkeypatch.setenv("RANK", "7")
    if rank is not None:
        monkeypatch.setenv("LOCAL_RANK", rank)
    assert own_card() == card
