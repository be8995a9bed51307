from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import GROUPS, open_dataset
from skipclick.datasets.wseseg import WSESEG_CLASSES, DatasetWarning, read_as_pillow, read_instances
from skipclick.errors import DatasetError


def put(folder: Path, name: str, labels: object = ((0, 1, 2),), dtype: type = np.uint8) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mask = np.array(labels, dtype)
    Image.new("RGB", mask.shape[::-1]).save(folder / f"{name}.jpg")
    Image.fromarray(mask).save(folder / f"mask_{name}.png")


def ids(path: Path) -> list[int]:
    return [target.id for target in read_instances(path)]


def test_a_class_lies_in_its_folder(tmp_path: Path) -> None:
    for name, folder in WSESEG_CLASSES.items():
        put(tmp_path / folder, f"of_{name}")
    for name in GROUPS["WSESeg"]:
        (sample,) = open_dataset(name, tmp_path).samples
        assert f"WSESeg_{sample.name.removeprefix('of_')}" == name


def test_ski_jumps_lie_deeper(tmp_path: Path) -> None:
    put(tmp_path / "yt_sports" / "skijump" / "annotated_frames" / "0", "frame")
    assert open_dataset("WSESeg_yt_sports", tmp_path).samples[0].name == "frame"


def test_each_label_is_an_object_and_files_come_by_name(tmp_path: Path) -> None:
    put(tmp_path, "b", [[0, 7, 300]], np.uint16)
    put(tmp_path, "a", [[0, 0, 1]])
    samples = open_dataset("SHSeg", tmp_path).samples
    found = [(s.name, t.id, t.truth.tolist()) for s in samples for t in s.load().objects]
    assert found == [("a", 1, [[0, 0, 1]]), ("b", 7, [[0, 1, 0]]), ("b", 300, [[0, 0, 1]])]


def test_names_may_have_dots(tmp_path: Path) -> None:
    put(tmp_path, "12.5@N00")
    assert open_dataset("SHSeg", tmp_path).samples[0].name == "12.5@N00"


def test_the_smallest_label_is_dropped_with_a_warning_if_it_is_not_0(tmp_path: Path) -> None:
    put(tmp_path, "x", [[4, 2, 9]])
    with pytest.warns(DatasetWarning, match=r"mask_x\.png has no pixel of label 0, so its label 2 is taken"):
        assert ids(tmp_path / "mask_x.png") == [4, 9]


def test_a_map_of_background_alone_has_no_objects(tmp_path: Path) -> None:
    put(tmp_path, "x", [[0, 0, 0]])
    (sample,) = open_dataset("SHSeg", tmp_path).samples
    assert sample.load().objects == ()


def test_images_that_could_not_be_fetched_are_listed_and_passed_over(tmp_path: Path) -> None:
    for name in "abc":
        put(tmp_path, name)
    (tmp_path / "b.jpg").unlink()
    dataset = open_dataset("SHSeg", tmp_path)
    assert [sample.name for sample in dataset.samples] == ["a", "c"]
    assert dataset.missing == ("b.jpg",)


def test_masks_alone_are_not_enough(tmp_path: Path) -> None:
    for name in "ab":
        put(tmp_path, name)
        (tmp_path / f"{name}.jpg").unlink()
    with pytest.raises(DatasetError, match=r"masks but none of their images \(2\): put a\.jpg and so on"):
        open_dataset("SHSeg", tmp_path)


def test_an_image_without_a_mask_is_no_sample(tmp_path: Path) -> None:
    put(tmp_path, "a")
    Image.new("RGB", (3, 1)).save(tmp_path / "b.jpg")
    assert [sample.name for sample in open_dataset("SHSeg", tmp_path).samples] == ["a"]


@pytest.mark.parametrize("folder", [".", "nowhere"])
def test_no_masks(tmp_path: Path, folder: str) -> None:
    with pytest.raises(DatasetError, match=r"mask_NAME\.png beside NAME\.jpg|does not exist"):
        open_dataset("SHSeg", tmp_path / folder)
    with pytest.raises(DatasetError, match=r"flickr_snowboards does not exist: expected mask_NAME\.png"):
        open_dataset("WSESeg_flickr_snowboards", tmp_path)


class TestImages:
    def test_the_exif_orientation_is_not_applied(self, tmp_path: Path) -> None:
        turned = Image.Exif()
        turned[0x0112] = 6
        Image.new("RGB", (8, 4)).save(tmp_path / "x.jpg", exif=turned)
        assert read_as_pillow(tmp_path / "x.jpg").shape == (4, 8, 3)

    def test_grey_becomes_three_channels(self, tmp_path: Path) -> None:
        grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
        Image.fromarray(grey).save(tmp_path / "x.png")
        read = read_as_pillow(tmp_path / "x.png")
        assert read.dtype == np.uint8
        assert (read == grey[:, :, None]).all()

    def test_pixels_and_order_are_those_of_pillow(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(0).integers(0, 256, (24, 40, 3), dtype=np.uint8)
        Image.fromarray(noise).save(tmp_path / "x.jpg")
        with Image.open(tmp_path / "x.jpg") as picture:
            assert (read_as_pillow(tmp_path / "x.jpg") == np.asarray(picture)).all()

    def test_the_published_floats_are_these_pixels(self, tmp_path: Path) -> None:
        """Published evaluations divide by 255 in 64 bits and store 32: what a session makes of uint8."""
        values = np.arange(256, dtype=np.uint8)
        assert (values.astype(np.float32) / np.float32(255) == (values / 255.0).astype(np.float32)).all()

    @pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0 cut"])
    def test_damaged_images(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x.jpg").write_bytes(content)
        with pytest.raises(DatasetError, match=r"x\.jpg cannot be read as an image: fetch it again"):
            read_as_pillow(tmp_path / "x.jpg")

    def test_a_mask_for_the_turned_image_is_refused(self, tmp_path: Path) -> None:
        put(tmp_path, "x", [[0, 1, 1]])
        Image.new("RGB", (1, 3)).save(tmp_path / "x.jpg")
        (sample,) = open_dataset("SHSeg", tmp_path).samples
        with pytest.raises(
            DatasetError, match=r"is 3 x 1 pixels \(width x height\) but its image x\.jpg is 1 x 3"
        ):
            sample.load()
