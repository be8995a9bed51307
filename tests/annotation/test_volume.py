"""Reading journals, line by line."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skipclick.annotation import journal as journal_module
from skipclick.annotation.commands import AddClass, SetReviewed, command_to_json
from skipclick.annotation.errors import NotSavedError, ProjectError
from skipclick.annotation.project import Project
from skipclick.annotation.volume import (
    REDO,
    UNDO,
    VERSION,
    read_line,
    read_volume,
    replayed,
    volume_name,
    volumes,
    write_line,
)


@pytest.fixture
def journal(photos: Path) -> Path:
    with Project.open(photos) as project:
        for name in ("a", "b", "c"):
            project.do(AddClass(name))
    return photos / ".skipclick" / "journal-000001.jsonl"


OF_VERSION_1 = """\
{"crc":"dd3f8730","entry":{"format":"skipclick-project","version":1,"volume":1,"images":"..","older":0,\
"undone":[],"document":{"classes":[{"id":1,"name":"object","colour":[38,132,255],"key":"1"}],\
"next_class":2,"overlap":"keep","images":[]}}}
{"crc":"18e14357","entry":{"do":"AddObject","image":"a.jpg","class_id":1,"mask":{"size":[3,4],\
"counts":"41202"},"clicks":[{"x":1,"y":1},{"x":3,"y":2,"positive":false}],"model":"skipclick-s",\
"seconds":2.5,"at":100.0}}
{"crc":"62263454","entry":{"do":"SetDone","image":"a.jpg","done":true}}
{"crc":"61a408f4","entry":{"do":"AddClass","name":"ski"}}
{"crc":"85ae4516","entry":{"do":"undo"}}
"""
"""As programs wrote it that knew no reviews."""

Edit = Callable[[Callable[[dict[str, Any]], object]], None]


@pytest.fixture
def edit_header(journal: Path) -> Edit:
    """Changes the first line and gives it a checksum that is right."""

    def edit(change: Callable[[dict[str, Any]], object]) -> None:
        first, rest = journal.read_bytes().split(b"\n", 1)
        header = read_line(first + b"\n")
        change(header)
        journal.write_bytes(write_line(header) + rest)

    return edit


@settings(deadline=None, max_examples=30)
@given(
    st.dictionaries(
        st.text(), st.integers() | st.text() | st.lists(st.floats(allow_nan=False, allow_infinity=False))
    )
)
def test_lines_read_back(entry: dict[str, Any]) -> None:
    line = write_line(entry)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert line.isascii()
    assert read_line(line) == entry


def test_a_line_is_json_with_a_checksum() -> None:
    line = json.loads(write_line({"do": "undo"}))
    checksum = zlib.crc32(b'{"do":"undo"}')
    assert line == {"crc": f"{checksum:08x}", "entry": {"do": "undo"}}


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_a_line_with_any_byte_changed_is_refused(data: st.DataObject) -> None:
    line = bytearray(write_line(command_to_json(AddClass("ski"))))
    place = data.draw(st.integers(0, len(line) - 1))
    line[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ValueError, match="checksum"):
        read_line(bytes(line))


def test_a_list_is_no_action() -> None:
    text = b"[1]"
    with pytest.raises(ValueError, match="no action"):
        read_line(b'{"crc":"%08x","entry":%s}\n' % (zlib.crc32(text), text))


def test_volumes_are_found_in_order_and_nothing_else(tmp_path: Path) -> None:
    for name in ("journal-000010.jsonl", "journal-000009.jsonl", "journal-1000000.jsonl", "journal-1.jsonl"):
        (tmp_path / name).touch()
    (tmp_path / ".x.part").touch()
    (tmp_path / "journal-000010.damaged").touch()
    assert [path.name for path in volumes(tmp_path)] == [
        "journal-000009.jsonl",
        "journal-000010.jsonl",
        "journal-1000000.jsonl",
    ]
    assert volumes(tmp_path / "none") == []
    assert volume_name(7) == "journal-000007.jsonl"


def test_a_volume_is_a_document_and_what_was_done(journal: Path) -> None:
    volume = read_volume(journal)
    assert [kind.name for kind in volume.history.document.classes] == ["object", "a", "b", "c"]
    assert volume.history.done == (AddClass("a"), AddClass("b"), AddClass("c"))
    assert volume.header["images"] == ".."
    assert volume.header["older"] == 0
    assert b"".join(volume.lines) == journal.read_bytes()
    assert volume.note == ""
    assert volume.damage == b""


@pytest.mark.parametrize("tail", [b"x", b'{"crc":"', b"\0" * 700, b"\r\n", b"\r\r\r", b"\xff\n"])
def test_a_torn_tail_is_told_apart_from_the_rest(journal: Path, tail: bytes) -> None:
    sound = journal.read_bytes()
    journal.write_bytes(sound + tail)
    volume = read_volume(journal)
    assert b"".join(volume.lines) == sound
    assert volume.damage == tail
    assert "cut off in writing" in volume.note


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda header: header.update(format="other"), "no project's"),
        (lambda header: header.update(version=99), "newer skipclick: update"),
        (lambda header: header.update(version="1"), "has no version"),
        (lambda header: header.pop("version"), "no 'version'"),
        (lambda header: header.pop("document"), "no 'document'"),
        (lambda header: header.pop("undone"), "no 'undone'"),
        (lambda header: header.update(document=None), "no document"),
        (lambda header: header.update(images=3), "incomplete"),
        (lambda header: header.update(older="many"), "incomplete"),
        (lambda header: header.update(volume=2), "another volume's name"),
        (lambda header: header.update(undone=[{"do": "Explode"}]), "'Explode' is unknown"),
        (lambda header: header["document"].update(classes=[]), "at least one class"),
        (lambda header: header["document"].update(images=[{"name": "/etc/passwd"}]), "no name of an image"),
    ],
)
def test_first_lines_that_make_no_sense(
    journal: Path, edit_header: Edit, change: Callable[[dict[str, Any]], object], complaint: str
) -> None:
    edit_header(change)
    with pytest.raises(ProjectError, match=complaint) as caught:
        read_volume(journal)
    assert str(journal) in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(ProjectError):
        read_volume(journal, salvage=True)


@pytest.mark.parametrize("content", [b"", b"\n", b"\0\0\0", b"{}\n", b"[" * 100_000, b"\x89PNG\r\n\x1a\n"])
def test_files_that_are_something_else(journal: Path, content: bytes) -> None:
    journal.write_bytes(content)
    with pytest.raises(ProjectError, match="damaged"):
        read_volume(journal)


def test_a_file_that_cannot_be_read(journal: Path) -> None:
    journal.unlink()
    with pytest.raises(ProjectError, match="No such file"):
        read_volume(journal)
    journal.mkdir()
    with pytest.raises(ProjectError, match="cannot be read"):
        read_volume(journal)


@pytest.mark.parametrize(
    "entry",
    [
        {"do": "Explode"},
        {"do": "AddClass"},
        {"do": "AddClass", "name": "a"},
        {"do": "AddClass", "name": 5},
        {"do": "DeleteObjects", "image": "a.jpg", "objects": [1]},
        {"do": "SetDone", "image": "../../a", "done": True},
        {"do": "Together", "name": "nothing", "commands": []},
        {"do": ["AddClass"]},
        {},
        REDO,
    ],
)
def test_actions_that_cannot_have_been_done(journal: Path, entry: dict[str, Any]) -> None:
    sound = journal.read_bytes()
    after = write_line(command_to_json(AddClass("later")))
    journal.write_bytes(sound + write_line(entry) + after)
    with pytest.raises(ProjectError, match="line 5 of 6"):
        read_volume(journal)
    volume = read_volume(journal, salvage=True)
    assert b"".join(volume.lines) == sound
    assert volume.damage == write_line(entry) + after


def test_too_many_undos_are_damage(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes() + write_line(UNDO) * 4 + write_line(REDO))
    with pytest.raises(ProjectError, match=r"line 8 of 9 \(nothing to undo\)"):
        read_volume(journal)


def test_a_replay_notices_a_snapshot_that_lies(journal: Path, photos: Path) -> None:
    document = read_volume(journal).history.document
    assert replayed(journal.parent) == document
    header = read_volume(journal).header
    journal.with_name(volume_name(2)).write_bytes(write_line({**header, "volume": 2, "older": 3}))
    with pytest.raises(ProjectError, match="does not begin where"):
        replayed(journal.parent)
    with pytest.raises(ProjectError, match="holds no project"):
        replayed(photos)


class TestVersion1:
    """Volumes from before there were reviews open as they are, and go on in one of today's version."""

    @pytest.fixture
    def old(self, photos: Path) -> Path:
        home = photos / ".skipclick"
        home.mkdir()
        (home / "journal-000001.jsonl").write_text(OF_VERSION_1)
        return home

    def test_everything_is_there(self, photos: Path, old: Path) -> None:
        with Project.open(photos) as project:
            record = project.document.image("a.jpg")
            assert (record.state, record.reviewed) == ("done", False)
            assert [click.positive for click in record.objects[0].clicks] == [True, False]
            assert project.undone == (AddClass("ski"),)
        assert [path.read_text() for path in volumes(old)] == [OF_VERSION_1]

    def test_the_first_action_begins_a_volume_that_older_programs_refuse(
        self, photos: Path, old: Path
    ) -> None:
        with Project.open(photos) as project:
            project.do(SetReviewed("a.jpg", True))
            project.do(AddClass("pole"))
            first, second = volumes(old)
            assert read_volume(first).history.document.image("a.jpg").state == "reviewed"
            assert read_line(second.read_bytes().splitlines(keepends=True)[0])["version"] == VERSION == 2
            assert read_volume(second).history.done == (AddClass("pole"),)
        with Project.open(photos) as project:
            assert project.document.image("a.jpg").state == "reviewed"
            while project.undo():
                pass
            assert not project.document.images
            assert project.done == ()

    def test_a_volume_that_cannot_begin_is_tried_again(
        self, photos: Path, old: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: object) -> None:
            raise NotSavedError("full")

        with Project.open(photos) as project:
            with monkeypatch.context() as patch:
                patch.setattr(journal_module, "write_whole", refuse)
                project.do(SetReviewed("a.jpg", True))
                assert project.unsaved == 0
            assert len(volumes(old)) == 1
            project.do(AddClass("pole"))
            assert len(volumes(old)) == 2
        assert replayed(old).image("a.jpg").state == "reviewed"

    def test_saved_elsewhere_it_is_all_there(self, photos: Path, old: Path, tmp_path: Path) -> None:
        with Project.open(photos) as project:
            project.save_elsewhere(tmp_path / "new")
            project.do(SetReviewed("a.jpg", True))
            assert len(volumes(tmp_path / "new")) == 2
        assert replayed(tmp_path / "new").image("a.jpg").state == "reviewed"
