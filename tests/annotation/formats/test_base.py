"""Finding images by what files call them, and reading what may be anything."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from skipclick.annotation.errors import FormatError
from skipclick.annotation.formats.base import (
    ImageIndex,
    check_size,
    files_below,
    keep_mask,
    read_json,
    read_text,
    renamed,
    stem_below,
    write_json,
)


def index(*names: str) -> ImageIndex:
    return ImageIndex(names, lambda name: (3, 4))


class TestFinding:
    @pytest.mark.parametrize(
        "called", ["in/a.jpg", "./in/a.jpg", "in\\a.jpg", "a.jpg", "elsewhere/a.jpg", "C:\\photos\\a.jpg"]
    )
    def test_by_path_or_bare_name(self, called: str) -> None:
        assert index("in/a.jpg", "b.jpg").find(called) == "in/a.jpg"

    @pytest.mark.parametrize("called", ["c.jpg", "", "/", "a", "A.jpg", "a.png", "in", ".."])
    def test_what_is_not_there(self, called: str) -> None:
        assert index("in/a.jpg", "b.jpg").find(called) is None

    def test_the_path_weighs_more_than_the_name(self) -> None:
        images = index("a.jpg", "in/a.jpg", "on/a.jpg")
        assert images.find("a.jpg") == "a.jpg"
        assert images.find("on/a.jpg") == "on/a.jpg"

    def test_a_name_that_may_be_two(self) -> None:
        images = index("in/a.jpg", "on/a.jpg", "on/b.png", "on/b.jpg")
        with pytest.raises(FormatError, match=r"a.jpg may be in/a.jpg or on/a.jpg: rename"):
            images.find("a.jpg")
        with pytest.raises(FormatError, match=r"b may be on/b.png or on/b.jpg"):
            images.find_stem("on/b")

    def test_by_stem(self) -> None:
        images = index("in/a.b.jpg", "c.png", "in/c.png")
        assert images.find_stem("in/a.b") == "in/a.b.jpg"
        assert images.find_stem("a.b") == "in/a.b.jpg"
        assert images.find_stem("a") is None
        assert images.find_stem("c") == "c.png"
        assert images.find_stem("c.png") is None


def test_names_of_files_about_images() -> None:
    assert renamed("in/a.b.jpg", ".txt", folder="labels") == "labels/in/a.b.txt"
    assert renamed("a.jpg", ".3.png") == "a.3.png"
    assert renamed("in/a.jpg", ".png", prefix="mask_") == "in/mask_a.png"


def test_masks_must_have_the_image_s_size() -> None:
    mask = np.ones((3, 4), np.bool_)
    assert keep_mask(mask, (3, 4), "it").area() == 12
    with pytest.raises(FormatError, match="it is 4 x 3 pixels, but its image 3 x 4"):
        keep_mask(mask, (4, 3), "it")


@pytest.mark.parametrize(
    ("height", "width", "fits"), [(3, 4, True), (None, None, True), (4, 3, False), ("3", 4, False)]
)
def test_sizes_that_a_file_states(height: object, width: object, fits: bool) -> None:
    if fits:
        check_size(height, width, (3, 4), "it")
    else:
        with pytest.raises(FormatError, match="export it again for this image"):
            check_size(height, width, (3, 4), "it")


class TestText:
    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            (b"", "is no JSON"),
            (b"{", "is no JSON"),
            (b"[1]", "no JSON object"),
            (b"null", "no JSON object"),
            (b"\xff\xfe\x00", "no text in UTF-8"),
            (b"[" * 100_000, "is no JSON"),
            (b'{"a": ' + b"9" * 5000 + b"}", "is no JSON"),
        ],
    )
    def test_what_is_no_json(self, tmp_path: Path, content: bytes, complaint: str) -> None:
        path = tmp_path / "file.json"
        path.write_bytes(content)
        with pytest.raises(FormatError, match=complaint) as caught:
            read_json(path)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)

    def test_files_that_are_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(FormatError, match="No such file"):
            read_text(tmp_path / "none")
        with pytest.raises(FormatError, match="cannot be read"):
            read_text(tmp_path)

    def test_a_mark_at_the_beginning_is_no_text(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b'\xef\xbb\xbf{"a": 1}')
        assert read_json(tmp_path / "file") == {"a": 1}

    def test_json_is_written_as_people_read_it(self) -> None:
        assert json.loads(write_json({"ä": [1, 2.5]})) == {"ä": [1, 2.5]}
        assert "ä" in write_json({"ä": 1}).decode()
        with pytest.raises(ValueError, match="not JSON compliant"):
            write_json(float("nan"))


def test_files_of_a_kind(tmp_path: Path) -> None:
    for name in ("b.txt", "in/a.txt", "c.json", ".hidden/d.txt", ".e.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "folder.txt").mkdir()
    found = files_below(tmp_path, "*.txt")
    assert [stem_below(path, tmp_path) for path in found] == ["b", "in/a"]
    with pytest.raises(FormatError, match="is no folder"):
        files_below(tmp_path / "b.txt", "*.txt")
