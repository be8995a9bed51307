from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from skipclick.datasets.davis import read_nonzero
from skipclick.datasets.sample import Sample, TargetObject, check_files, pair_files, read_colour
from skipclick.errors import DatasetError


def write(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def picture(height: int = 6, width: int = 8, value: int = 255) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "a" / "one.png", picture())
    write(tmp_path / "b" / "one.png", picture())
    return tmp_path


def names(root: Path) -> list[str]:
    return [sample.name for sample in pair_files(root, "a", "b", read_nonzero)]


def test_samples_come_in_the_order_of_file_names(root: Path) -> None:
    for name in ("zoo", "Ant", "10", "9"):
        write(root / "a" / f"{name}.png", picture())
        write(root / "b" / f"{name}.png", picture())
    assert names(root) == ["10", "9", "Ant", "one", "zoo"]


def test_the_stem_ends_at_the_first_dot(root: Path) -> None:
    write(root / "a" / "two.left.jpg", picture())
    write(root / "b" / "two.right.png", picture())
    (sample,) = (s for s in pair_files(root, "a", "b", read_nonzero) if s.name == "two")
    assert sample.image_file.name == "two.left.jpg"
    assert sample.truth_file.name == "two.right.png"


def test_files_that_are_no_images_are_passed_over(root: Path) -> None:
    (root / "a" / "Thumbs.db").write_bytes(b"x")
    (root / "a" / ".hidden.png").write_bytes(b"x")
    (root / "a" / "notes.txt").write_text("x")
    (root / "b" / "list.csv").write_text("x")
    assert names(root) == ["one"]


def test_upper_case_suffixes_count(root: Path) -> None:
    (root / "a" / "one.png").rename(root / "a" / "one.PNG")
    assert names(root) == ["one"]


def test_a_mask_without_an_image_is_no_sample(root: Path) -> None:
    write(root / "b" / "spare.png", picture())
    assert names(root) == ["one"]


@pytest.mark.parametrize("folder", ["a", "b"])
def test_missing_folder(root: Path, folder: str) -> None:
    (root / folder / "one.png").unlink()
    (root / folder).rmdir()
    with pytest.raises(DatasetError, match=r"does not exist: expected images in a/ and masks in b/"):
        names(root)


@pytest.mark.parametrize("folder", ["a", "b"])
def test_empty_folder(root: Path, folder: str) -> None:
    (root / folder / "one.png").unlink()
    with pytest.raises(DatasetError, match="holds no images: expected images in a/ and masks in b/"):
        names(root)


def test_missing_masks_are_counted(root: Path) -> None:
    write(root / "a" / "two.png", picture())
    with pytest.raises(DatasetError, match=r"has no mask for two\.png: "):
        names(root)
    write(root / "a" / "three.png", picture())
    with pytest.raises(DatasetError, match=r"has no mask for three\.png \(and 1 others\)"):
        names(root)


@pytest.mark.parametrize("folder", ["a", "b"])
def test_two_files_of_one_name(root: Path, folder: str) -> None:
    write(root / folder / "one.jpg", picture())
    with pytest.raises(DatasetError, match=r"one\.jpg and one\.png .* rename or remove one"):
        names(root)


def test_nothing_is_read_before_load(root: Path) -> None:
    (root / "a" / "one.png").write_bytes(b"not an image")
    (sample,) = pair_files(root, "a", "b", read_nonzero)
    with pytest.raises(DatasetError, match=r"one\.png cannot be read as an image"):
        sample.load()


def test_a_mask_that_is_no_image(root: Path) -> None:
    (root / "b" / "one.png").write_bytes(b"")
    (sample,) = pair_files(root, "a", "b", read_nonzero)
    with pytest.raises(DatasetError, match="cannot be read as an image"):
        sample.load()


def test_another_size_is_refused_and_named(root: Path) -> None:
    write(root / "b" / "one.png", picture(8, 6))
    (sample,) = pair_files(root, "a", "b", read_nonzero)
    with pytest.raises(DatasetError, match=r"is 6 x 8 pixels \(width x height\) but .*one\.png is 8 x 6"):
        sample.load()


def test_an_object_without_a_pixel_is_refused(root: Path) -> None:
    write(root / "b" / "one.png", picture(value=0))
    (sample,) = pair_files(root, "a", "b", read_nonzero)
    with pytest.raises(DatasetError, match="has no pixel for object 1"):
        sample.load()


def test_every_message_is_one_line(root: Path) -> None:
    (root / "b" / "one.png").unlink()
    with pytest.raises(DatasetError) as caught:
        names(root)
    assert "\n" not in str(caught.value)


def test_the_image_is_rgb(root: Path) -> None:
    red = np.zeros((6, 8, 3), np.uint8)
    red[:, :, 0] = 200
    write(root / "a" / "one.png", red)
    (sample,) = pair_files(root, "a", "b", read_nonzero)
    image = sample.load().image
    assert image.dtype == np.uint8
    assert image.flags.c_contiguous
    assert np.array_equal(image, red)


def test_a_grey_image_gets_three_channels(root: Path) -> None:
    grey = np.arange(48, dtype=np.uint8).reshape(6, 8)
    write(root / "a" / "one.png", grey)
    (sample,) = pair_files(root, "a", "b", read_nonzero)
    assert np.array_equal(sample.load().image, np.repeat(grey[:, :, None], 3, axis=2))


def test_exif_orientation_is_applied(tmp_path: Path) -> None:
    pixels = np.zeros((16, 32, 3), np.uint8)
    pixels[:, :16] = 255
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.fromarray(pixels).save(tmp_path / "turned.jpg", exif=turned, quality=95)
    read = read_colour(tmp_path / "turned.jpg")
    assert read.shape == (32, 16, 3)
    assert read[4, 8].min() > 200
    assert read[28, 8].max() < 50


def test_pixels_are_those_of_opencv(photo: object, tmp_path: Path) -> None:
    path = photo("chelsea").path  # type: ignore[operator]
    sample = Sample("cat", path, path, lambda _: (_everything(path),))
    assert np.array_equal(sample.load().image, cv2.imread(str(path))[:, :, ::-1])


def _everything(path: Path) -> TargetObject:
    return TargetObject(1, np.ones(read_colour(path).shape[:2], np.int8))


def test_a_reader_may_bring_its_own_way_to_read_images(root: Path) -> None:
    path = root / "a" / "one.png"
    own = np.full((6, 8, 3), 7, np.uint8)
    sample = Sample("one", path, path, lambda _: (_everything(path),), lambda _: own)
    assert sample.load().image is own


def test_a_sample_may_turn_out_to_have_no_objects(root: Path) -> None:
    path = root / "a" / "one.png"
    assert Sample("one", path, path, lambda _: ()).load().objects == ()


def test_names_that_are_not_ascii(tmp_path: Path) -> None:
    write(tmp_path / "größe 大.png", picture(value=9))
    assert (read_colour(tmp_path / "größe 大.png") == 9).all()


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.png cannot be read: No such file"):
        read_colour(tmp_path / "gone.png")


def test_checking_files_names_the_first_that_is_missing(root: Path) -> None:
    there = root / "a" / "one.png"
    check_files([there], "all is well")
    with pytest.raises(DatasetError, match=r"there is no .*x \(and 1 others\): expected x and y"):
        check_files([there, root / "x", root / "y"], "expected x and y")
