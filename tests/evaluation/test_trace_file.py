from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skipclick.evaluation.protocol import EvaluationError
from skipclick.evaluation.trace import ObjectTrace, TraceHeader, read_trace
from skipclick.evaluation.trace_file import TraceFile, set_aside

MakeHeader = Callable[..., TraceHeader]
MakeObject = Callable[..., ObjectTrace]
Write = Callable[..., None]


def test_nothing_is_written_before_the_first_object(path: Path, write: Write) -> None:
    write(path)
    assert not path.parent.exists()


def test_each_object_is_in_the_file_at_once(path: Path, one: MakeObject, header: MakeHeader) -> None:
    with TraceFile(path, header()) as file:
        file.add(one("a"))
        assert read_trace(path)[1] == [one("a")]
        file.add(one("b"))
        assert read_trace(path)[1] == [one("a"), one("b")]


def test_continuing(path: Path, one: MakeObject, header: MakeHeader, write: Write) -> None:
    write(path, one("a"))
    with TraceFile(path, header(device="cuda:0")) as file:
        assert file.finished == {("a", 1): one("a")}
        file.add(one("b"))
    assert read_trace(path)[1] == [one("a"), one("b")]
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert [line["made_with"]["device"] for line in lines if "format" in line] == ["cpu", "cuda:0"]


def test_continuing_a_finished_evaluation_changes_no_byte(path: Path, one: MakeObject, write: Write) -> None:
    write(path, one("a"))
    before = path.read_bytes()
    write(path)
    assert path.read_bytes() == before


def test_what_follows_a_cut_off_line_is_whole(path: Path, one: MakeObject, write: Write) -> None:
    write(path, one("a"), one("b"))
    path.write_bytes(path.read_bytes()[:-9])
    write(path, one("c"))
    assert read_trace(path)[1] == [one("a"), one("c")]


def test_a_last_line_without_its_newline_counts(path: Path, one: MakeObject, write: Write) -> None:
    write(path, one("a"), one("b"))
    path.write_bytes(path.read_bytes().rstrip(b"\n"))
    write(path, one("c"))
    assert read_trace(path)[1] == [one("a"), one("b"), one("c")]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "other"}, r'another model \("stub", now "other"\)'),
        ({"protocol": {"size": (672, 672)}}, "another protocol"),
        ({"dataset": {"label": "B"}}, "another dataset"),
    ],
)
def test_another_evaluation_is_refused_and_left_alone(
    path: Path, changes: dict[str, Any], message: str, one: MakeObject, header: MakeHeader, write: Write
) -> None:
    write(path, one("a"))
    before = path.read_bytes()
    with pytest.raises(EvaluationError, match=message) as caught:
        TraceFile(path, header(**changes))
    assert "--fresh" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before


@pytest.mark.parametrize("text", ["", "{", "my notes", "[1]", "3\n", '{"format":"other"}\n', "null\n"])
def test_a_file_that_is_no_trace_is_refused_and_left_alone(
    tmp_path: Path, text: str, header: MakeHeader
) -> None:
    path = tmp_path / "notes.jsonl"
    path.write_text(text)
    with pytest.raises(EvaluationError, match=r"notes\.jsonl is .*(no trace|empty).*--fresh"):
        TraceFile(path, header())
    assert path.read_text() == text


def test_a_missing_file_and_a_folder(tmp_path: Path, header: MakeHeader) -> None:
    with pytest.raises(EvaluationError, match="cannot read"):
        read_trace(tmp_path / "nothing.jsonl")
    with pytest.raises(EvaluationError, match="cannot read"):
        TraceFile(tmp_path, header())


def test_a_place_that_cannot_be_written(tmp_path: Path, one: MakeObject, header: MakeHeader) -> None:
    (tmp_path / "file").write_text("x")
    with TraceFile(tmp_path / "file" / "trace.jsonl", header()) as file, pytest.raises(EvaluationError):
        file.add(one())


@pytest.mark.parametrize("begun", [False, True])
def test_two_runs_at_once_lose_nothing(
    path: Path, begun: bool, one: MakeObject, header: MakeHeader, write: Write
) -> None:
    if begun:
        write(path, one("a"))
    with TraceFile(path, header()) as first, TraceFile(path, header()) as second:
        first.add(one("b"))
        with pytest.raises(EvaluationError, match="another run is writing"):
            second.add(one("c"))
    assert read_trace(path)[1][-1] == one("b")


def test_objects_of_a_sample(path: Path, one: MakeObject, header: MakeHeader, write: Write) -> None:
    write(path, one("a", 1, 2), one("a", 2, 2), one("b"))
    with TraceFile(path, header()) as file:
        assert [trace.object_id for trace in file.of_sample("a")] == [1, 2]
        assert file.of_sample("c") == []


def test_setting_aside_keeps_every_old_file(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    assert set_aside(path) is None
    for content in ("first", "second", "third"):
        path.write_text(content)
        assert set_aside(path) is not None
        assert not path.exists()
    kept = {file.name: file.read_text() for file in tmp_path.iterdir()}
    assert kept == {
        "trace.jsonl.bak": "first",
        "trace.jsonl.bak2": "second",
        "trace.jsonl.bak3": "third",
    }


def test_a_file_continued_where_it_began_has_one_header(path: Path, one: MakeObject, write: Write) -> None:
    write(path, one("a"))
    write(path, one("b"))
    straight = path.with_name("straight.jsonl")
    write(straight, one("a"), one("b"))
    assert path.read_bytes() == straight.read_bytes()


def test_a_header_that_nothing_followed_is_not_repeated(
    path: Path, one: MakeObject, header: MakeHeader, write: Write
) -> None:
    write(path, one("a"))
    with TraceFile(path, header(device="cuda:0")) as file:
        file.add(one("b"))
    path.write_bytes(path.read_bytes()[: path.read_bytes().index(b'{"sample":"b"')])
    with TraceFile(path, header(device="cuda:0")) as file:
        file.add(one("c"))
    assert path.read_text().count('"format"') == 2


def test_known_objects_are_finished_and_not_written(path: Path, one: MakeObject, header: MakeHeader) -> None:
    with TraceFile(path, header(), known=[one("a", 1, 2)], empty=["e"]) as file:
        assert not file.is_whole("a")
        file.add(one("a", 2, 2))
        assert file.is_whole("a")
        assert file.is_whole("e")
        assert not file.is_whole("b")
    assert read_trace(path)[1] == [one("a", 2, 2)]


def test_of_two_records_of_one_object_the_first_counts(
    path: Path, one: MakeObject, header: MakeHeader
) -> None:
    with TraceFile(path, header()) as file:
        file.add(one("a"))
        file.add(dataclasses.replace(one("a"), seconds=3.0))
        assert file.of_sample("a") == [one("a")]


def test_a_sample_without_objects_is_finished_once_and_for_all(
    path: Path, one: MakeObject, header: MakeHeader
) -> None:
    with TraceFile(path, header()) as file:
        file.add_empty("e")
        file.add(one("a"))
    with TraceFile(path, header()) as file:
        assert file.is_whole("e")
        assert file.of_sample("e") == []
    assert read_trace(path)[1] == [one("a")]


def test_a_file_that_vanishes_is_begun_again(path: Path, one: MakeObject, header: MakeHeader) -> None:
    with TraceFile(path, header()) as file:
        file.add(one("a"))
        path.unlink()
        file.add(one("b"))
        file.add(one("c"))
    assert read_trace(path)[1] == [one("b"), one("c")]
    assert path.read_text().startswith('{"format"')
