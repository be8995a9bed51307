from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import ndimage

from skipclick.evaluation.protocol import EvaluationError
from skipclick.evaluation.starts import FAULTS, faulty_mask, folder_digest, given_mask, lookalikes


def blob(seed: int, shape: tuple[int, int] = (60, 80), share: float = 0.3) -> np.ndarray:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).standard_normal(shape), 6.0)
    truth = (noise > np.quantile(noise, 1 - share)).astype(np.int8)
    truth[:, :4] = -1
    return truth


def start(truth: np.ndarray, fault: str, seed: int = 0) -> np.ndarray:
    return faulty_mask(truth, fault, np.random.default_rng(seed))


@pytest.mark.parametrize("fault", FAULTS)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000))
def test_every_fault_is_a_fault_and_no_more(fault: str, seed: int) -> None:
    truth = blob(seed)
    mask, inside = start(truth, fault, seed), truth == 1
    assert mask.dtype == np.bool_
    assert mask.shape == truth.shape
    overlap = (mask & inside).sum() / (mask | inside).sum()
    assert 0.05 < overlap < 1.0
    assert np.array_equal(mask, start(truth, fault, seed))


@pytest.mark.parametrize("fault", FAULTS)
def test_the_generator_decides_how_strong(fault: str) -> None:
    truth = blob(1, (200, 300))
    assert len({start(truth, fault, seed).tobytes() for seed in range(6)}) == 6


def disk(radius: int = 50) -> np.ndarray:
    rows, columns = np.mgrid[:201, :201]
    return (np.hypot(rows - 100, columns - 100) <= radius).astype(np.int8)


S = np.sqrt(np.pi) * 50


def test_eroded_masks_are_smaller_all_around() -> None:
    for seed in range(5):
        mask = start(disk(), "eroded", seed)
        radius = np.sqrt(mask.sum() / np.pi)
        assert not (mask & (disk() == 0)).any()
        assert 0.02 * S - 1 <= 50 - radius <= 0.10 * S + 1


def test_dilated_masks_are_larger_all_around() -> None:
    for seed in range(5):
        mask = start(disk(), "dilated", seed)
        radius = np.sqrt(mask.sum() / np.pi)
        assert mask[disk() == 1].all()
        assert 0.02 * S - 1 <= radius - 50 <= 0.10 * S + 1


def test_shifted_masks_lie_off_and_are_whole() -> None:
    directions = []
    for seed in range(12):
        mask = start(disk(), "shifted", seed)
        off = np.argwhere(mask).mean(axis=0) - 100
        assert mask.sum() == disk().sum()
        assert 0.05 * S - 1 <= np.hypot(*off) <= 0.20 * S + 1
        directions.append(np.sign(np.round(off)))
    assert len({tuple(direction) for direction in directions}) >= 4


def test_a_shift_beyond_the_border_is_cut() -> None:
    truth = np.zeros((50, 50), np.int8)
    truth[:, :30] = 1
    for seed in range(8):
        assert start(truth, "shifted", seed).sum() <= truth.sum()


@pytest.mark.parametrize("shape", [(30, 6000), (6000, 30), (1, 900)])
def test_a_shift_by_more_than_a_narrow_photo_moves_the_object_out(shape: tuple[int, int]) -> None:
    truth = np.ones(shape, np.int8)
    left = [start(truth, "shifted", seed).sum() for seed in range(12)]
    assert 0 in left
    assert max(left) < truth.size


def test_polygons_have_few_corners_and_no_holes() -> None:
    truth = disk()
    truth[90:110, 90:110] = 0
    mask = start(truth, "polygon", 2)
    assert mask[100, 100]
    # Straight edges: far fewer distinct slopes than a disk's outline has.
    edge = np.diff([np.flatnonzero(row)[0] for row in mask if row.any()])
    assert len(np.flatnonzero(np.diff(np.convolve(edge, np.ones(9) / 9, "valid")).round(1))) < 60
    assert 0.7 < (mask & (disk() == 1)).sum() / (mask | (disk() == 1)).sum() < 1.0


def test_all_parts_of_an_object_are_drawn() -> None:
    truth = np.zeros((60, 100), np.int8)
    truth[10:30, 10:30] = truth[35:55, 60:90] = 1
    assert ndimage.label(start(truth, "polygon"))[1] == 2


@pytest.mark.parametrize("fault", ["eroded", "dilated", "polygon"])
def test_the_smallest_object_keeps_a_pixel(fault: str) -> None:
    truth = np.zeros((9, 9), np.int8)
    truth[4, 4] = 1
    assert start(truth, fault)[4, 4]


class TestGivenMasks:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        for name, column in (("a_1", 1), ("a_7", 7), ("b", 2), ("PART/c", 3)):
            pixels = np.zeros((6, 9), np.uint8)
            pixels[:, column] = 255
            (tmp_path / name).parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        return tmp_path

    @pytest.mark.parametrize(
        ("sample", "number", "alone", "column"),
        [("a", 1, False, 1), ("a", 7, False, 7), ("b", 5, True, 2), ("PART/c", 1, True, 3)],
    )
    def test_found_by_name(self, folder: Path, sample: str, number: int, alone: bool, column: int) -> None:
        mask = given_mask(folder, sample, number, (6, 9), alone=alone)
        assert np.array_equal(np.flatnonzero(mask.any(axis=0)), [column])

    @pytest.mark.parametrize(("sample", "number", "alone"), [("a", 2, True), ("b", 1, False), ("x", 1, True)])
    def test_missing_ones_are_named(self, folder: Path, sample: str, number: int, alone: bool) -> None:
        with pytest.raises(EvaluationError, match=f"{sample}_{number}.png") as caught:
            given_mask(folder, sample, number, (6, 9), alone=alone)
        assert (f" {sample}.png" in str(caught.value)) == alone

    def test_a_plain_name_goes_first(self, folder: Path) -> None:
        """`b_5.png` may be the mask of another image, `b.png` may not."""
        (folder / "b_5.png").write_bytes((folder / "a_7.png").read_bytes())
        mask = given_mask(folder, "b", 5, (6, 9), alone=True, others={"b_5"})
        assert np.array_equal(np.flatnonzero(mask.any(axis=0)), [2])

    @pytest.mark.parametrize("alone", [True, False])
    @pytest.mark.parametrize("sample", ["a", "PART/a"])
    def test_a_mask_of_another_image_is_not_taken(self, folder: Path, alone: bool, sample: str) -> None:
        (folder / "PART" / "a_1.png").write_bytes((folder / "a_1.png").read_bytes())
        assert given_mask(folder, sample, 1, (6, 9), alone=alone, others={"b_1"}).any()
        with pytest.raises(EvaluationError, match=f"object 1 of {sample} or of the image {sample}_1: rename"):
            given_mask(folder, sample, 1, (6, 9), alone=alone, others={f"{sample}_1"})

    def test_which_names_look_alike(self) -> None:
        names = ["car", "car_1", "car_2", "car_x", "bus_1", "van", "van_", "P/a", "P/a_3", "a_3", "car_1_4"]
        assert lookalikes(names) == {
            "car": {"car_1", "car_2"},
            "P/a": {"P/a_3"},
            "car_1": {"car_1_4"},
        }

    def test_another_size(self, folder: Path) -> None:
        with pytest.raises(EvaluationError, match=r"9 x 6 pixels .* but its image 10 x 6"):
            given_mask(folder, "b", 1, (6, 10), alone=True)

    def test_no_picture(self, folder: Path) -> None:
        (folder / "b.png").write_bytes(b"none")
        with pytest.raises(EvaluationError, match="cannot be read"):
            given_mask(folder, "b", 1, (6, 9), alone=True)

    def test_the_digest_is_of_names_and_contents(self, folder: Path) -> None:
        before = folder_digest(folder)
        assert before == folder_digest(folder)
        (folder / "notes.txt").write_text("not a mask")
        assert before == folder_digest(folder)
        (folder / "b.png").rename(folder / "d.png")
        renamed = folder_digest(folder)
        (folder / "d.png").write_bytes((folder / "a_1.png").read_bytes())
        assert len({before, renamed, folder_digest(folder)}) == 3

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        for folder in (tmp_path, tmp_path / "none"):
            with pytest.raises(EvaluationError, match="holds no masks to begin from"):
                folder_digest(folder)
