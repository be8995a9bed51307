"""The gate lets equal models pass and stops others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from skipclick.backend.protocol import Features
from skipclick.errors import ModelError
from skipclick.export.gate import GRIDS, LIMITS, PLACES, Comparison, check, compare
from skipclick.prompt import Prompt

IMAGES = [np.full((60, 80, 3), 90, np.uint8)]


class Wrong:
    """The disk model with an error on top."""

    def __init__(self, model: Any, error: float, shift: int = 0) -> None:
        self._model, self._error, self._shift = model, error, shift
        self.prompts: list[Prompt] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        self.prompts += prompts
        logits = np.roll(self._model.decode(features, prompts), self._shift, axis=2)
        logits[:, ::7, ::7] += self._error
        return logits


def test_a_model_is_equal_to_itself(disk_model: Any) -> None:
    found = compare(disk_model, disk_model, IMAGES)
    assert (found.difference, found.typical) == (0, 0)
    assert len(found.ious) == len(GRIDS) * len(PLACES)
    assert found.mean_iou == 1
    for kind, precision in LIMITS:
        check(found, kind, precision)


def test_small_errors_are_measured(disk_model: Any) -> None:
    found = compare(disk_model, Wrong(disk_model, 0.01), IMAGES)
    assert 0 < found.typical < found.difference < 0.02
    assert found.mean_iou == 1
    with pytest.raises(ModelError, match=r"logits are off by .* nothing was written"):
        check(found, "onnx", "float32")
    check(found, "onnx", "int8")


def test_wrong_masks_are_stopped(disk_model: Any) -> None:
    found = compare(disk_model, Wrong(disk_model, 0, shift=40), IMAGES)
    assert found.mean_iou < 0.9
    with pytest.raises(ModelError, match="IoU of 0"):
        check(found, "onnx", "int8")


def test_nonsense_is_stopped(disk_model: Any) -> None:
    found = compare(disk_model, Wrong(disk_model, np.nan), IMAGES)
    for kind, precision in LIMITS:
        with pytest.raises(ModelError, match="not finite"):
            check(found, kind, precision)


def test_errors_do_not_add_up(disk_model: Any) -> None:
    """Both models see the reference's previous masks."""
    wrong = Wrong(disk_model, 0, shift=40)
    compare(disk_model, wrong, IMAGES, grids=((32, 32),))
    right = Wrong(disk_model, 0)
    compare(right, wrong, IMAGES, grids=((32, 32),))
    assert wrong.prompts[0].previous is None
    for ours, theirs in zip(right.prompts, wrong.prompts[len(PLACES) :], strict=True):
        assert ours is theirs


def test_clicks_of_both_kinds_are_made() -> None:
    assert {positive for _, _, positive in PLACES} == {True, False}
    assert PLACES[0][2]
    assert all(0 < x < 1 and 0 < y < 1 for x, y, _ in PLACES)


def test_two_empty_masks_are_the_same() -> None:
    class Empty:
        stride = 14

        def encode(self, images: NDArray[np.float32]) -> tuple[int, int]:
            return images.shape[2], images.shape[3]

        def decode(self, features: tuple[int, int], prompts: Sequence[Prompt]) -> NDArray[np.float32]:
            noise = np.random.default_rng(len(prompts[0].clicks)).random((1, *features))
            return (noise - 5).astype(np.float32)

    assert compare(Empty(), Empty(), IMAGES).mean_iou == 1  # type: ignore[arg-type]


def test_means_are_means() -> None:
    assert Comparison(0.5, 0.1, (1.0, 0.5)).mean_iou == 0.75


@pytest.mark.parametrize("grid", GRIDS)
def test_no_click_depends_on_the_last_bit(grid: tuple[int, int]) -> None:
    height, width = (14 * side for side in grid)
    for x, y, _ in PLACES:
        across, down = np.arange(width) - x * width, np.arange(height) - y * height
        squares = np.square(down)[:, None] + np.square(across)
        ties = np.abs(squares - 25) < 1e-3
        # Whole numbers are exact in 32 bits too.
        assert not ties.any() or ((squares[ties] == 25).all() and float(x * width).is_integer())
