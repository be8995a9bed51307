from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skipclick.evaluation.protocol import EvaluationError, EvaluationProtocol
from skipclick.evaluation.trace import ObjectTrace, TraceHeader, digest, read_trace
from skipclick.evaluation.trace_file import TraceFile
from skipclick.prompt import Click

MakeHeader = Callable[..., TraceHeader]
MakeObject = Callable[..., ObjectTrace]
Write = Callable[..., None]


def test_what_is_written_reads_back(path: Path, one: MakeObject, write: Write) -> None:
    write(path, one("a"), one("b", 2, 3))
    read_header, traces = read_trace(path)
    assert read_header.identity["protocol"] == {"size": [448, 448]}
    assert read_header.made_with == {"device": "cpu"}
    assert traces == [one("a"), one("b", 2, 3)]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=20))
def test_ious_survive_to_the_last_bit(clicks: list[tuple[float, bool]]) -> None:
    trace = ObjectTrace(
        sample="ü",
        object_id=7,
        objects_in_sample=9,
        clicks=tuple(Click(index, 2 * index, positive) for index, (_, positive) in enumerate(clicks)),
        ious=tuple(iou for iou, _ in clicks),
        answer_seconds=(0.0,) * len(clicks),
        image_seconds=0.0,
        seconds=0.0,
    )
    assert ObjectTrace.from_line(json.loads(json.dumps(trace.to_line()))) == trace


def test_a_line_cut_off_at_any_place_is_passed_over(path: Path, one: MakeObject, write: Write) -> None:
    write(path, one("a"), one("b"))
    whole = path.read_bytes()
    second = whole.index(b'{"sample":"b"')
    for length in range(second + 1, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert read_trace(path)[1] == [one("a")]


def test_a_later_format_is_refused(path: Path, one: MakeObject, write: Write) -> None:
    write(path, one())
    path.write_text(path.read_text().replace('"version":1', '"version":2'))
    with pytest.raises(EvaluationError, match="no trace, or is damaged in line 1"):
        read_trace(path)


@pytest.mark.parametrize("damage", ["garbage", '{"sample":"x"}', "[]", '"text"'])
def test_damage_in_the_middle_is_named(path: Path, damage: str, one: MakeObject, write: Write) -> None:
    write(path, one("a"), one("b"))
    first, second, third = path.read_text().splitlines()
    path.write_text("\n".join([first, second, damage, third]) + "\n")
    with pytest.raises(EvaluationError, match="damaged in line 3"):
        read_trace(path)


def test_lists_of_different_lengths_are_damage(path: Path, one: MakeObject, write: Write) -> None:
    write(path, one("a"), one("b"))
    path.write_text(path.read_text().replace('"ious":[0.5,', '"ious":[', 1))
    with pytest.raises(EvaluationError, match="damaged in line 2"):
        read_trace(path)


@pytest.fixture
def scored(one: MakeObject) -> MakeObject:
    """The same with a starting mask and boundary scores."""

    def make(sample: str = "a") -> ObjectTrace:
        return dataclasses.replace(
            one(sample), start_iou=0.25, boundary_f=(0.5, 1 / 7), boundary_iou=(0.0, 1.0), load_seconds=0.125
        )

    return make


def test_starts_and_boundary_scores_read_back(
    path: Path, one: MakeObject, write: Write, scored: MakeObject
) -> None:
    write(path, scored(), one("b"))
    assert read_trace(path)[1] == [scored(), one("b")]


def test_what_was_not_measured_is_not_written(one: MakeObject, scored: MakeObject) -> None:
    assert set(one().results()) == {"sample", "object", "of", "clicks", "ious"}
    assert set(scored().results()) - set(one().results()) == {"start_iou", "boundary_f", "boundary_iou"}


def test_boundary_scores_of_another_number_are_damage(
    path: Path, one: MakeObject, write: Write, scored: MakeObject
) -> None:
    write(path, scored(), one("b"))
    path.write_text(path.read_text().replace('"boundary_iou":[0.0,1.0]', '"boundary_iou":[0.0]'))
    with pytest.raises(EvaluationError, match="damaged in line 2"):
        read_trace(path)


def test_times_stand_last(scored: MakeObject) -> None:
    keys = list(scored().to_line())
    assert keys[: len(scored().results())] == list(scored().results())
    assert all("seconds" in key for key in keys[len(scored().results()) :])


OLD_HEADER = (
    '{"format":"skipclick-trace","version":1,"model":"m","weights":"w","dataset":{"label":"A","reader":"A",'
    '"samples":2},"protocol":{"threshold":0.49,"target_iou":0.95,"max_clicks":20,"min_clicks":1,'
    '"mirror":true,"size":[448,448]},"made_with":{"device":"cpu"}}\n'
)
OLD_LINE = (
    '{"sample":"a","object":1,"of":1,"clicks":[[3,4,true]],"ious":[0.5],"answer_seconds":[0.1],'
    '"image_seconds":0.2,"seconds":0.4}\n'
)


def new_header(**rules: Any) -> TraceHeader:
    identity = {
        "model": "m",
        "weights": "w",
        "dataset": {"label": "A", "reader": "A", "samples": 2, "fingerprint": "f"},
        "protocol": asdict(EvaluationProtocol(**rules)) | {"size": (448, 448)},
    }
    return TraceHeader(identity, {"device": "cpu"})


def test_a_trace_of_an_older_version_is_read_and_continued(tmp_path: Path, one: MakeObject) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text(OLD_HEADER + OLD_LINE)
    (old,) = read_trace(path)[1]
    assert (old.load_seconds, old.start_iou, old.boundary_f, old.boundary_iou) == (0.0, None, (), ())
    with TraceFile(path, new_header()) as file:
        file.add(one("b"))
    assert [trace.sample for trace in read_trace(path)[1]] == ["a", "b"]


@pytest.mark.parametrize("rules", [{"zoom": True}, {"start": "eroded"}, {"boundary": True}, {"jitter": 1.0}])
def test_an_older_version_followed_the_defaults(tmp_path: Path, rules: dict[str, Any]) -> None:
    path = tmp_path / "old.jsonl"
    path.write_text(OLD_HEADER + OLD_LINE)
    with pytest.raises(EvaluationError, match="another protocol"):
        TraceFile(path, new_header(**rules))


def test_another_fingerprint_is_another_data_set(
    path: Path, one: MakeObject, header: MakeHeader, write: Write
) -> None:
    write(path, one(), dataset={"label": "A", "fingerprint": "1"})
    with pytest.raises(EvaluationError, match="another dataset"):
        TraceFile(path, header(dataset={"label": "A", "fingerprint": "2"}))


@pytest.mark.parametrize("later", [{}, {"fingerprint": "1"}, {"fingerprint": "1", "missing": 4}])
def test_a_trace_that_tells_less_of_its_data_goes_on(
    path: Path, later: dict[str, Any], one: MakeObject, write: Write
) -> None:
    write(path, one("a"), dataset={"label": "A"} | later)
    write(path, one("b"), dataset={"label": "A", "fingerprint": "1", "missing": 4})
    assert [trace.sample for trace in read_trace(path)[1]] == ["a", "b"]


def test_more_missing_images_are_another_data_set(
    path: Path, one: MakeObject, header: MakeHeader, write: Write
) -> None:
    write(path, one(), dataset={"label": "A", "missing": 4})
    with pytest.raises(EvaluationError, match=r"another dataset \(missing 4, now 5\)"):
        TraceFile(path, header(dataset={"label": "A", "missing": 5}))


class TestDigest:
    def test_times_machines_and_order_do_not_matter(
        self, tmp_path: Path, one: MakeObject, header: MakeHeader, write: Write
    ) -> None:
        slow = dataclasses.replace(
            one("a"), answer_seconds=(9.0, 9.0), image_seconds=9.0, seconds=99.0, load_seconds=9.0
        )
        write(tmp_path / "1", one("a"), one("b"))
        write(tmp_path / "2", one("b"))
        with TraceFile(tmp_path / "2", header(device="cuda:0")) as file:
            file.add(slow)
        assert digest(tmp_path / "1") == digest(tmp_path / "2")
        assert len(digest(tmp_path / "1")) == 16

    @pytest.mark.parametrize(
        "change",
        [
            {"clicks": (Click(3, 4), Click(5, 6, True))},
            {"ious": (0.5, 0.33333333333333337)},
            {"object_id": 2},
            {"start_iou": 0.0},
            {"boundary_f": (0.0, 0.0)},
        ],
    )
    def test_the_last_bit_of_a_result_matters(
        self, tmp_path: Path, change: dict[str, Any], one: MakeObject, write: Write
    ) -> None:
        write(tmp_path / "1", one())
        write(tmp_path / "2", dataclasses.replace(one(), **change))
        assert digest(tmp_path / "1") != digest(tmp_path / "2")

    def test_so_does_what_was_evaluated(self, tmp_path: Path, one: MakeObject, write: Write) -> None:
        write(tmp_path / "1", one())
        write(tmp_path / "2", one(), weights="other")
        assert digest(tmp_path / "1") != digest(tmp_path / "2")

    def test_of_some_samples(self, tmp_path: Path, one: MakeObject, write: Write) -> None:
        write(tmp_path / "1", one("a"))
        write(tmp_path / "2", one("a"), one("b"))
        assert digest(tmp_path / "1") == digest(tmp_path / "2", {"a"}) == digest(tmp_path / "2", {"a", "c"})
        assert digest(tmp_path / "2", {"a", "b"}) == digest(tmp_path / "2")

    def test_an_object_too_few(self, tmp_path: Path, one: MakeObject, write: Write) -> None:
        write(tmp_path / "1", one("a"))
        write(tmp_path / "2", one("a"), one("b"))
        assert digest(tmp_path / "1") != digest(tmp_path / "2")
