"""SHSeg built from a miniature archive and a miniature SkiTB."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from skipclick.datasets import open_dataset
from skipclick.datasets.builders.assemble import MISSING, Built
from skipclick.datasets.builders.shseg import build_shseg
from skipclick.errors import DatasetError


def png(width: int = 6, height: int = 4) -> bytes:
    stream = io.BytesIO()
    labels = np.zeros((height, width), np.uint8)
    labels[1:, 1:3] = 1
    labels[1:, 4:] = 2
    Image.fromarray(labels).save(stream, "PNG")
    return stream.getvalue()


def zip_masks(path: Path, *names: str, **others: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(f"SHSeg_masks_only/mask_{name}.png"), png())
        for name, data in others.items():
            archive.writestr(zipfile.ZipInfo(f"SHSeg_masks_only/{name}"), data)
    return path


def put_frame(root: Path, path: str, size: tuple[int, int] = (6, 4), shade: int = 90) -> Path:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (shade, shade, shade)).save(file, "JPEG")
    return file


@pytest.fixture
def skitb(tmp_path: Path) -> Path:
    root = tmp_path / "SkiTB"
    for shade, path in enumerate(
        ("AL/0001/frames/00001.jpg", "AL/0001/frames/00002.jpg", "AL/0002/frames/00001.jpg", "JP/0001/x.txt")
    ):
        put_frame(root, path, shade=50 * shade)
    return root


def build(tmp_path: Path, skitb: Path, *names: str, table: str | None = None) -> Built:
    masks = zip_masks(tmp_path / "masks.zip", *names)
    path = None
    if table is not None:
        path = tmp_path / "names.csv"
        path.write_text(table, encoding="utf-8")
    return build_shseg(masks, skitb, tmp_path / "out", names=path)


def missing(built: Built) -> dict[str, str]:
    return {one.image: one.reason for one in built.missing}


def test_the_reader_opens_what_is_built(tmp_path: Path, skitb: Path) -> None:
    built = build(tmp_path, skitb, "AL_0001_00001", "AL_0002_00001")
    assert (built.images, built.missing) == (2, ())
    dataset = open_dataset("SHSeg", tmp_path / "out")
    assert [sample.name for sample in dataset.samples] == ["AL_0001_00001", "AL_0002_00001"]
    assert dataset.missing == ()
    for sample in dataset.samples:
        assert [target.id for target in sample.load().objects] == [1, 2]


def test_images_are_the_frames_bit_by_bit(tmp_path: Path, skitb: Path) -> None:
    build(tmp_path, skitb, "AL_0001_00002")
    frame = skitb / "AL" / "0001" / "frames" / "00002.jpg"
    assert (tmp_path / "out" / "AL_0001_00002.jpg").read_bytes() == frame.read_bytes()
    assert (tmp_path / "out" / "mask_AL_0001_00002.png").read_bytes() == png()


@pytest.mark.parametrize(
    "name",
    [
        "AL_0001_00002",
        "AL_0001_frames_00002",
        "al-0001-00002",
        "AL.0001.00002",
        "0001_frames_00002",
        "0001_00002",
        "00002",
    ],
)
def test_names_are_the_ends_of_paths(tmp_path: Path, skitb: Path, name: str) -> None:
    built = build(tmp_path, skitb, name)
    assert missing(built) == {}
    assert open_dataset("SHSeg", tmp_path / "out").samples[0].name == name


@pytest.mark.parametrize("name", ["AL_0001_00003", "FS_0001_00002", "1_00002", "AL_0001_2", "AL_00002"])
def test_names_that_are_not_are_missing(tmp_path: Path, skitb: Path, name: str) -> None:
    built = build(tmp_path, skitb, name)
    assert missing(built) == {f"{name}.jpg": "not found"}
    assert (tmp_path / "out" / f"mask_{name}.png").is_file()


def test_nothing_is_guessed(tmp_path: Path, skitb: Path) -> None:
    built = build(tmp_path, skitb, "00001", "AL_0001_00001")
    assert built.images == 1
    (reason,) = missing(built).values()
    assert reason.startswith("several images fit: ")
    assert "0001" in reason
    assert "0002" in reason


def test_the_size_decides_between_frames(tmp_path: Path, skitb: Path) -> None:
    put_frame(skitb, "AL/0002/frames/00001.jpg", size=(8, 4))
    assert missing(build(tmp_path, skitb, "00001")) == {}


def test_a_frame_of_another_size_is_not_taken(tmp_path: Path, skitb: Path) -> None:
    put_frame(skitb, "AL/0001/frames/00002.jpg", size=(12, 8))
    (reason,) = missing(build(tmp_path, skitb, "AL_0001_00002")).values()
    assert reason.endswith("00002.jpg is 12 x 8 pixels, the mask 6 x 4")


def test_copies_of_one_frame_are_one(tmp_path: Path, skitb: Path) -> None:
    put_frame(skitb, "backup/AL/0001/frames/00002.jpg", shade=50)
    assert missing(build(tmp_path, skitb, "AL_0001_00002")) == {}


@pytest.mark.parametrize("content", [b"", b"no picture"])
def test_damaged_frames(tmp_path: Path, skitb: Path, content: bytes) -> None:
    (skitb / "AL" / "0001" / "frames" / "00002.jpg").write_bytes(content)
    (reason,) = missing(build(tmp_path, skitb, "AL_0001_00002")).values()
    assert reason.endswith("00002.jpg is damaged")


def test_a_frame_that_was_cut_short(tmp_path: Path, skitb: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (4, 6, 3), np.uint8)
    frame = skitb / "AL" / "0001" / "frames" / "00002.jpg"
    Image.fromarray(noise).resize((300, 200)).save(frame)
    frame.write_bytes(frame.read_bytes()[:-2000])
    (reason,) = missing(build(tmp_path, skitb, "AL_0001_00002")).values()
    assert reason.endswith("00002.jpg is damaged")


class TestTable:
    def test_it_says_which_frame_it_is(self, tmp_path: Path, skitb: Path) -> None:
        table = "athlete1,AL/0001/frames/00001.jpg\nmask_b.png,AL\\0001\\frames\\00002.jpg\n\n"
        table += "c.jpg, AL/0002/frames/00001.jpg\n"
        built = build(tmp_path, skitb, "athlete1", "b", "c", table="\ufeff" + table)
        assert missing(built) == {}
        frame = skitb / "AL" / "0002" / "frames" / "00001.jpg"
        assert (tmp_path / "out" / "c.jpg").read_bytes() == frame.read_bytes()

    def test_it_goes_before_the_paths(self, tmp_path: Path, skitb: Path) -> None:
        build(tmp_path, skitb, "AL_0001_00001", table="AL_0001_00001,AL/0002/frames/00001.jpg")
        frame = skitb / "AL" / "0002" / "frames" / "00001.jpg"
        assert (tmp_path / "out" / "AL_0001_00001.jpg").read_bytes() == frame.read_bytes()

    @pytest.mark.parametrize(
        ("table", "message"),
        [
            ("a\n", "line 1, is not NAME,FRAME"),
            ("a,\n", "line 1, is not NAME,FRAME"),
            ("a,b,c\n", "line 1, is not NAME,FRAME"),
            ("a,b\na,c\n", "line 2: a is there twice"),
            ("a,../b.jpg\n", r"line 1: \.\./b\.jpg must be a path inside"),
            ("a,/etc/b.jpg\n", "must be a path inside"),
            ("a,C:\\b.jpg\n", "must be a path inside"),
            ("a,..\\b.jpg\n", "must be a path inside"),
        ],
    )
    def test_mistakes_are_told_by_line(self, tmp_path: Path, skitb: Path, table: str, message: str) -> None:
        with pytest.raises(DatasetError, match=message):
            build(tmp_path, skitb, "a", table=table)
        assert not (tmp_path / "out").exists()

    def test_it_must_be_text(self, tmp_path: Path, skitb: Path) -> None:
        (tmp_path / "names.csv").write_bytes(b"\xff\xfe\x00")
        masks = zip_masks(tmp_path / "masks.zip", "a")
        with pytest.raises(DatasetError, match=r"names\.csv cannot be read: it should be a table"):
            build_shseg(masks, skitb, tmp_path / "out", names=tmp_path / "names.csv")

    def test_a_frame_that_is_not_there(self, tmp_path: Path, skitb: Path) -> None:
        (reason,) = missing(build(tmp_path, skitb, "a", table="a,b.jpg")).values()
        assert reason.endswith("b.jpg does not exist")


class TestAgain:
    def test_a_later_run_finds_more_and_leaves_the_rest(self, tmp_path: Path, skitb: Path) -> None:
        assert build(tmp_path, skitb, "AL_0001_00001", "AL_0003_00009").images == 1
        before = {path: path.stat().st_mtime_ns for path in (tmp_path / "out").glob("*AL*")}
        put_frame(skitb, "AL/0003/frames/00009.jpg")
        assert build(tmp_path, skitb, "AL_0001_00001", "AL_0003_00009").images == 2
        assert {path: path.stat().st_mtime_ns for path in before} == before
        assert (tmp_path / "out" / MISSING).read_text() == "image,reason,page\n"

    def test_an_image_put_there_by_hand_counts(self, tmp_path: Path, skitb: Path) -> None:
        assert build(tmp_path, skitb, "a").images == 0
        put_frame(tmp_path / "out", "a.jpg", shade=7)
        by_hand = (tmp_path / "out" / "a.jpg").read_bytes()
        assert build(tmp_path, skitb, "a").images == 1
        assert (tmp_path / "out" / "a.jpg").read_bytes() == by_hand

    def test_a_mask_that_was_changed_is_not_replaced(self, tmp_path: Path, skitb: Path) -> None:
        build(tmp_path, skitb, "a")
        (tmp_path / "out" / "mask_a.png").write_bytes(b"improved")
        with pytest.raises(DatasetError, match=r"mask_a\.png is not what it would be"):
            build(tmp_path, skitb, "a")
        assert (tmp_path / "out" / "mask_a.png").read_bytes() == b"improved"

    def test_another_archive(self, tmp_path: Path, skitb: Path) -> None:
        build(tmp_path, skitb, "a")
        with pytest.raises(DatasetError, match="was built from another archive"):
            build(tmp_path, skitb, "b")


def test_the_list_of_what_is_missing(tmp_path: Path, skitb: Path) -> None:
    build(tmp_path, skitb, "b", "a, or c", "AL_0001_00001")
    assert (tmp_path / "out" / MISSING).read_text() == (
        'image,reason,page\n"a, or c.jpg",not found,\nb.jpg,not found,\n'
    )


def test_the_archive_s_readme_comes_along(tmp_path: Path, skitb: Path) -> None:
    masks = zip_masks(tmp_path / "masks.zip", "a", **{"README.txt": b"how to name frames"})
    build_shseg(masks, skitb, tmp_path / "out")
    assert (tmp_path / "out" / "README.txt").read_bytes() == b"how to name frames"


def test_progress(tmp_path: Path, skitb: Path) -> None:
    seen: list[int] = []
    build_shseg(zip_masks(tmp_path / "m.zip", "a", "b"), skitb, tmp_path / "out", progress=seen.append)
    assert seen == [1, 2]


def test_an_archive_of_something_else(tmp_path: Path, skitb: Path) -> None:
    with pytest.raises(DatasetError, match=r"holds no mask_NAME\.png: give the archive of SHSeg's masks"):
        build_shseg(zip_masks(tmp_path / "m.zip", **{"x.png": png()}), skitb, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_two_masks_of_one_name(tmp_path: Path, skitb: Path) -> None:
    masks = zip_masks(tmp_path / "m.zip", "a", **{"more/mask_a.png": png()})
    with pytest.raises(DatasetError, match=r"mask_a\.png and .*mask_a\.png, which have one name"):
        build_shseg(masks, skitb, tmp_path / "out")


@pytest.mark.parametrize("content", [b"", b"no picture", b"\xff\xd8\xff\xe0"])
def test_a_mask_that_is_none(tmp_path: Path, skitb: Path, content: bytes) -> None:
    masks = zip_masks(tmp_path / "m.zip", **{"mask_a.png": content})
    with pytest.raises(DatasetError, match=r"mask_a\.png is no PNG image; fetch it again"):
        build_shseg(masks, skitb, tmp_path / "out")


def test_a_hostile_archive_leaves_no_trace(tmp_path: Path, skitb: Path) -> None:
    masks = zip_masks(tmp_path / "m.zip", "a", **{"../../../mask_b.png": png()})
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DatasetError, match="is refused, nothing was unpacked"):
        build_shseg(masks, skitb, tmp_path / "out")
    assert sorted(tmp_path.rglob("*")) == before


def test_where_frames_are_looked_for(tmp_path: Path, skitb: Path) -> None:
    masks = zip_masks(tmp_path / "m.zip", "a")
    with pytest.raises(DatasetError, match="nowhere does not exist: name the folder with the images"):
        build_shseg(masks, tmp_path / "nowhere", tmp_path / "out")
    for out in (skitb, skitb / "out"):
        with pytest.raises(DatasetError, match="where images are looked for: name a folder elsewhere"):
            build_shseg(masks, skitb, out)
    assert not (skitb / "out").exists()
