"""WSESeg built from a miniature archive and photos as Flickr and download scripts name them."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import GROUPS, open_dataset
from skipclick.datasets.builders.assemble import Built
from skipclick.datasets.builders.wseseg import build_wseseg
from skipclick.datasets.wseseg import WSESEG_CLASSES
from skipclick.errors import DatasetError

BOARDS, JUMPS = "flickr_snowboards", "yt_sports/skijump/annotated_frames/0"


def zip_masks(path: Path, *masks: str, size: tuple[int, int] = (6, 4), **lists: str) -> Path:
    labels = np.zeros(size[::-1], np.uint8)
    labels[1:, 1:3] = 1
    stream = io.BytesIO()
    Image.fromarray(labels).save(stream, "PNG")
    with zipfile.ZipFile(path, "w") as archive:
        for mask in masks:
            archive.writestr(zipfile.ZipInfo(mask), stream.getvalue())
        for name, text in lists.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return path


def put(file: Path, size: tuple[int, int] = (6, 4), shade: int = 90) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, shade, shade)).save(file, "JPEG")
    return file


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    (tmp_path / "downloads").mkdir()
    return tmp_path / "downloads"


def build(tmp_path: Path, *names: str, text: str | None = None) -> Built:
    """Masks of snowboards, and a list if there is one."""
    masks = zip_masks(tmp_path / "masks.zip", *(f"{BOARDS}/mask_{name}.png" for name in names))
    lists = []
    if text is not None:
        (tmp_path / "list.txt").write_text(text, encoding="utf-8")
        lists = [tmp_path / "list.txt"]
    return build_wseseg(masks, tmp_path / "downloads", tmp_path / "out", lists=lists)


def reasons(built: Built) -> dict[str, str]:
    return {one.image.removeprefix(f"{BOARDS}/"): one.reason for one in built.missing}


def test_the_reader_opens_what_is_built(tmp_path: Path, downloads: Path) -> None:
    names = {folder: f"{4_000_000_000 + number}" for number, folder in enumerate(WSESEG_CLASSES.values())}
    masks = zip_masks(
        tmp_path / "m.zip", *(f"WSESeg/{folder}/mask_{name}.png" for folder, name in names.items())
    )
    for name in names.values():
        put(downloads / f"{name}.jpg")
    built = build_wseseg(masks, downloads, tmp_path / "out")
    assert (built.images, built.missing) == (10, ())
    for member, folder in zip(GROUPS["WSESeg"], WSESEG_CLASSES.values(), strict=True):
        (sample,) = open_dataset(member, tmp_path / "out").samples
        assert sample.name == names[folder]
        assert len(sample.load().objects) == 1


@pytest.mark.parametrize(
    ("name", "photo"),
    [
        ("5234567890", "5234567890.jpg"),
        ("5234567890", "5234567890_0a1b2c3d4e_o.jpg"),
        ("5234567890", "a/b/5234567890_0a1b2c3d4e_b.JPEG"),
        ("12345678@N00_5234567890", "5234567890_0a1b2c3d4e.jpg"),
        ("5234567890", "12345678@N00-5234567890.jpg"),
        ("5234567890_0a1b2c3d4e_o", "5234567890.jpg"),
        ("snowboard 7", "snowboard 7.jpg"),
    ],
)
def test_how_photos_may_be_called(tmp_path: Path, downloads: Path, name: str, photo: str) -> None:
    put(downloads / photo)
    built = build(tmp_path, name)
    assert reasons(built) == {}
    assert (tmp_path / "out" / BOARDS / f"{name}.jpg").read_bytes() == (downloads / photo).read_bytes()


@pytest.mark.parametrize(
    ("name", "photo"),
    [
        ("5234567890", "5234567891.jpg"),
        ("5234567890", "52345678901.jpg"),
        ("5234567890", "x5234567890.jpg"),
        ("12345678@N00_5234567890", "12345678@N00_5234567891.jpg"),
        ("board_12345", "12345_abc.jpg"),
        ("5234567890", "5234567890.png"),
    ],
)
def test_photos_that_belong_to_something_else(tmp_path: Path, downloads: Path, name: str, photo: str) -> None:
    put(downloads / photo)
    assert reasons(build(tmp_path, name)) == {f"{name}.jpg": "not found"}


@pytest.mark.parametrize(
    "line",
    [
        "12345678@N00,5234567890",
        "12345678@N00;5234567890;more",
        "12345678@N00 5234567890",
        "12345678@N00\t5234567890",
        "('12345678@N00', '5234567890')",
        '["12345678@N00", "5234567890"],',
        "https://www.flickr.com/photos/12345678@N00/5234567890/",
    ],
)
def test_how_lists_may_be_written(tmp_path: Path, downloads: Path, line: str) -> None:
    built = build(tmp_path, "5234567890", text=f"user,image\n# all of them\n{line}\n\n")
    (missing,) = built.missing
    assert missing.page == "https://www.flickr.com/photos/12345678@N00/5234567890"


def test_lists_in_the_archive_are_read(tmp_path: Path, downloads: Path) -> None:
    masks = zip_masks(
        tmp_path / "m.zip", f"{BOARDS}/mask_5234567890.png", **{"lists/a.csv": "alpine_fan,5234567890"}
    )
    (missing,) = build_wseseg(masks, downloads, tmp_path / "out").missing
    assert missing.page == "https://www.flickr.com/photos/alpine_fan/5234567890"


def test_listed_numbers_may_be_short(tmp_path: Path, downloads: Path) -> None:
    put(downloads / "54321_0a1b2c.jpg")
    assert reasons(build(tmp_path, "board_54321", text="fan,54321")) == {}


def test_of_several_numbers_the_listed_one_counts(tmp_path: Path, downloads: Path) -> None:
    put(downloads / "5234567890_a.jpg", shade=1)
    put(downloads / "20240101_b.jpg", shade=2)
    assert reasons(build(tmp_path, "20240101_5234567890", text="fan,5234567890")) == {}
    out = tmp_path / "out" / BOARDS / "20240101_5234567890.jpg"
    assert out.read_bytes() == (downloads / "5234567890_a.jpg").read_bytes()


def test_the_size_picks_the_right_download(tmp_path: Path, downloads: Path) -> None:
    put(downloads / "5234567890_ab_o.jpg", size=(12, 8))
    put(downloads / "5234567890_ab_b.jpg", size=(6, 4))
    put(downloads / "5234567890_ab_m.jpg", size=(3, 2))
    assert reasons(build(tmp_path, "5234567890")) == {}
    out = tmp_path / "out" / BOARDS / "5234567890.jpg"
    assert out.read_bytes() == (downloads / "5234567890_ab_b.jpg").read_bytes()


def test_no_size_is_right(tmp_path: Path, downloads: Path) -> None:
    put(downloads / "5234567890_ab_o.jpg", size=(12, 8))
    (reason,) = reasons(build(tmp_path, "5234567890")).values()
    assert reason.endswith("5234567890_ab_o.jpg is 12 x 8 pixels, the mask 6 x 4")


def test_photos_are_compared_as_stored(tmp_path: Path, downloads: Path) -> None:
    """Masks were drawn on photos whose EXIF orientation was not looked at."""
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (6, 4)).save(downloads / "5234567890.jpg", exif=turned)
    assert reasons(build(tmp_path, "5234567890")) == {}


def test_a_class_s_own_folder_goes_first(tmp_path: Path, downloads: Path) -> None:
    put(downloads / JUMPS / "00001.jpg", shade=1)
    put(downloads / BOARDS / "00001.jpg", shade=2)
    put(downloads / "00001.jpg", shade=3)
    masks = zip_masks(tmp_path / "m.zip", f"{JUMPS}/mask_00001.png", f"{BOARDS}/mask_00001.png")
    assert build_wseseg(masks, downloads, tmp_path / "out").missing == ()
    for folder in (JUMPS, BOARDS):
        file = Path(folder, "00001.jpg")
        assert (tmp_path / "out" / file).read_bytes() == (downloads / file).read_bytes()


def test_more_downloads_later(tmp_path: Path, downloads: Path) -> None:
    put(downloads / "5234567890.jpg")
    assert reasons(build(tmp_path, "5234567890", "5234567891")) == {"5234567891.jpg": "not found"}
    put(downloads / "5234567891.jpg")
    built = build(tmp_path, "5234567890", "5234567891")
    assert (built.images, built.missing) == (2, ())


def test_what_is_missing_is_passed_over_by_the_reader(tmp_path: Path, downloads: Path) -> None:
    put(downloads / "5234567890.jpg")
    build(tmp_path, "5234567890", "5234567891")
    dataset = open_dataset("WSESeg_flickr_snowboards", tmp_path / "out")
    assert dataset.missing == ("5234567891.jpg",)
    assert len(dataset.samples) == 1


def test_a_list_without_ids(tmp_path: Path, downloads: Path) -> None:
    with pytest.raises(DatasetError, match=r"list\.txt has no line with a user's id and an image's id"):
        build(tmp_path, "5234567890", text="user,image\n5234567890\n")


def test_a_list_that_is_gone(tmp_path: Path, downloads: Path) -> None:
    masks = zip_masks(tmp_path / "m.zip", f"{BOARDS}/mask_5234567890.png")
    with pytest.raises(DatasetError, match=r"gone\.txt cannot be read: No such file"):
        build_wseseg(masks, downloads, tmp_path / "out", lists=[tmp_path / "gone.txt"])


@pytest.mark.parametrize(
    "path", ["mask_1.png", "boards/mask_1.png", "xflickr_snowboards/mask_1.png", "yt_sports/mask_1.png"]
)
def test_masks_of_no_class(tmp_path: Path, downloads: Path, path: str) -> None:
    with pytest.raises(DatasetError, match=r"holds no CLASS/mask_NAME\.png"):
        build_wseseg(zip_masks(tmp_path / "m.zip", path), downloads, tmp_path / "out")


def test_progress(tmp_path: Path, downloads: Path) -> None:
    seen: list[int] = []
    masks = zip_masks(tmp_path / "m.zip", f"{BOARDS}/mask_1.png", f"{JUMPS}/mask_1.png")
    build_wseseg(masks, downloads, tmp_path / "out", progress=seen.append)
    assert seen == [1, 2]
