from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.evaluation.mask_folder import SIGN, mask_file, open_mask_folder, save_mask
from skipclick.evaluation.protocol import EvaluationError
from skipclick.evaluation.starts import folder_digest, given_mask

IDENTITY: dict[str, Any] = {"model": "m", "protocol": {"size": (448, 448)}}


def some_mask(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((6, 9)) > 0.5


@pytest.mark.parametrize(("sample", "alone"), [("a", True), ("a", False), ("PART/b", True), ("a.b_c", False)])
def test_what_is_saved_can_be_begun_from(tmp_path: Path, sample: str, alone: bool) -> None:
    for number in (1, 7):
        save_mask(tmp_path, sample, number, some_mask(number), alone=alone)
        assert mask_file(tmp_path, sample, number, alone=alone).is_file()
        given = given_mask(tmp_path, sample, number, (6, 9), alone=alone)
        assert np.array_equal(given, some_mask(number))


def test_an_empty_mask_is_one_too(tmp_path: Path) -> None:
    save_mask(tmp_path, "a", 1, np.zeros((6, 9), np.bool_), alone=True)
    assert not given_mask(tmp_path, "a", 1, (6, 9), alone=True).any()


def test_files_are_plain_pictures(tmp_path: Path) -> None:
    save_mask(tmp_path, "a", 1, some_mask(), alone=True)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == "L"
        assert set(np.unique(np.asarray(picture))) == {0, 255}
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_a_name_that_is_another_images_is_refused(tmp_path: Path) -> None:
    save_mask(tmp_path, "car", 1, some_mask(), alone=True, others={"car_1"})
    with pytest.raises(
        EvaluationError, match=r"car_1.png would be the mask of object 1 of car and of another"
    ):
        save_mask(tmp_path, "car", 1, some_mask(), alone=False, others={"car_1"})
    assert [file.name for file in tmp_path.iterdir()] == ["car.png"]


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(EvaluationError, match="cannot write"):
        save_mask(tmp_path / "file", "a", 1, some_mask(), alone=True)
    with pytest.raises(EvaluationError, match="cannot write masks into"):
        open_mask_folder(tmp_path / "file", IDENTITY)
    assert (tmp_path / "file").read_text() == "mine"


class TestFolder:
    def test_a_new_one_and_again(self, tmp_path: Path) -> None:
        folder = tmp_path / "new" / "masks"
        for number in range(2):
            open_mask_folder(folder, IDENTITY)
            save_mask(folder, "a", number, some_mask(), alone=False)
        assert len(list(folder.glob("*.png"))) == 2

    def test_its_sign_is_no_mask(self, tmp_path: Path) -> None:
        open_mask_folder(tmp_path, IDENTITY)
        with pytest.raises(EvaluationError, match="holds no masks"):
            folder_digest(tmp_path)

    def test_another_process_may_just_be_making_it(self, tmp_path: Path) -> None:
        (tmp_path / f"{SIGN}.0123.tmp").write_text("")
        open_mask_folder(tmp_path, IDENTITY)

    def test_masks_of_something_else(self, tmp_path: Path) -> None:
        open_mask_folder(tmp_path, IDENTITY)
        with pytest.raises(EvaluationError, match="masks of another evaluation"):
            open_mask_folder(tmp_path, IDENTITY | {"model": "n"})

    @pytest.mark.parametrize("text", ["", "[", "null", "{}"])
    def test_a_damaged_sign(self, tmp_path: Path, text: str) -> None:
        (tmp_path / SIGN).write_text(text)
        with pytest.raises(EvaluationError, match="masks of another evaluation"):
            open_mask_folder(tmp_path, IDENTITY)
        assert (tmp_path / SIGN).read_text() == text

    def test_other_files(self, tmp_path: Path) -> None:
        (tmp_path / "0.png").write_bytes(b"drawn by hand")
        with pytest.raises(EvaluationError, match="holds other files: choose another folder"):
            open_mask_folder(tmp_path, IDENTITY)
        assert [file.name for file in tmp_path.iterdir()] == ["0.png"]
