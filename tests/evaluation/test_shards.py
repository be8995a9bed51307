"""An evaluation divided among machines, and its parts put together."""

from __future__ import annotations

import dataclasses
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from skipclick.datasets import Dataset, Sample, TargetObject
from skipclick.evaluation.protocol import EvaluationError, EvaluationProtocol
from skipclick.evaluation.run import evaluate_dataset, open_trace
from skipclick.evaluation.shards import Shard, parts_of, put_together, put_together_when_complete
from skipclick.evaluation.trace import ObjectTrace, TraceHeader, digest, read_trace
from skipclick.evaluation.trace_file import TraceFile

RULES = EvaluationProtocol(max_clicks=3, size=(56, 56))


class TestShard:
    @given(st.integers(0, 30), st.integers(1, 8))
    def test_every_image_is_in_one_part(self, images: int, count: int) -> None:
        path = Path("x")
        samples = [Sample(str(index), path, path, no_objects) for index in range(images)]
        parts = [Shard(index, count).of(samples) for index in range(count)]
        assert sorted(int(one.name) for part in parts for one in part) == list(range(images))
        assert max(map(len, parts)) - min(map(len, parts)) <= 1

    def test_from_words(self) -> None:
        assert Shard.parse("2/4") == Shard(1, 4)
        assert str(Shard(1, 4)) == "2/4"

    @pytest.mark.parametrize("text", ["", "2", "0/4", "5/4", "1/0", "-1/4", "a/b", "1/4/2", "1.5/4"])
    def test_other_words_are_explained(self, text: str) -> None:
        with pytest.raises(EvaluationError, match=r"2/4|count from 1"):
            Shard.parse(text)

    @pytest.mark.parametrize(
        ("environment", "shard"),
        [
            ({}, None),
            ({"RANK": "0", "WORLD_SIZE": "1"}, None),
            ({"RANK": "2", "WORLD_SIZE": "3"}, Shard(2, 3)),
            ({"WORLD_SIZE": "2"}, Shard(0, 2)),
        ],
    )
    def test_as_torchrun_says(self, environment: dict[str, str], shard: Shard | None) -> None:
        assert Shard.from_environment(environment) == shard

    @pytest.mark.parametrize("environment", [{"RANK": "x"}, {"RANK": "3", "WORLD_SIZE": "2"}])
    def test_nonsense_of_a_launcher(self, environment: dict[str, str]) -> None:
        with pytest.raises(EvaluationError, match=r"unset them|no part 4 of 2"):
            Shard.from_environment(environment)


def no_objects(path: Path) -> tuple[TargetObject, ...]:
    return ()


def objects(path: Path) -> tuple[TargetObject, ...]:
    """As many disks as the file's number says."""
    rows, columns = np.mgrid[:60, :90]
    return tuple(
        TargetObject(index, ((rows - 30) ** 2 + (columns - 20 * index - 15) ** 2 <= 9**2).astype(np.int8))
        for index in range(int(path.stem) % 3)
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Seven images with no, one or two objects."""
    samples = []
    for name in range(7):
        path = tmp_path / "images" / f"{name}.png"
        path.parent.mkdir(exist_ok=True)
        Image.new("RGB", (90, 60), "grey").save(path)
        samples.append(Sample(str(name), path, path, objects))
    return Dataset("GrabCut", "disks", tuple(samples))


@pytest.fixture
def model(disk_model: Any) -> Any:
    disk_model.radius = 6.0
    return disk_model


def part(trace: Path, model: Any, dataset: Dataset, shard: Shard | None, limit: int | None = None) -> bool:
    """Evaluate a part, then try to put the parts together."""
    with open_trace(trace, model, dataset, RULES, shard=shard) as file:
        evaluate_dataset(model, dataset, RULES, trace=file, shard=shard, limit=limit)
    return put_together(trace, file.header, dataset.samples[:limit])


def untimed(path: Path) -> list[dict[str, Any]]:
    return [trace.results() for trace in read_trace(path)[1]]


@pytest.fixture
def straight(tmp_path: Path, model: Any, dataset: Dataset) -> Path:
    path = tmp_path / "straight" / "t.jsonl"
    assert part(path, model, dataset, None)
    return path


@pytest.mark.parametrize("count", [2, 3, 9])
@pytest.mark.parametrize("backwards", [False, True])
def test_parts_make_the_trace_of_one_run(
    tmp_path: Path, model: Any, dataset: Dataset, straight: Path, count: int, backwards: bool
) -> None:
    path = tmp_path / "out" / "t.jsonl"
    order = [Shard(index, count) for index in range(count)]
    ended = [part(path, model, dataset, shard) for shard in (order[::-1] if backwards else order)]
    # Images 0, 3 and 6 have no object; nine parts of seven images leave two without work.
    assert ended[-1]
    assert not ended[0]
    assert untimed(path) == untimed(straight)
    assert digest(path) == digest(straight)
    assert path.read_text().count('"format"') == 1
    assert [file.name for file in path.parent.iterdir()] == ["t.jsonl"]


def test_parts_wait_for_each_other(tmp_path: Path, model: Any, dataset: Dataset, straight: Path) -> None:
    path = tmp_path / "t.jsonl"
    with open_trace(path, model, dataset, RULES, shard=Shard(0, 2)) as file:
        evaluate_dataset(model, dataset, RULES, trace=file, shard=Shard(0, 2))
    waiting = threading.Thread(
        target=put_together_when_complete, args=(path, file.header, dataset.samples), kwargs={"every": 0.01}
    )
    waiting.start()
    assert not path.exists()
    part(path, model, dataset, Shard(1, 2))
    waiting.join(20)
    assert not waiting.is_alive()
    assert untimed(path) == untimed(straight)


def test_an_unfinished_part_is_finished_by_a_run_of_everything(
    tmp_path: Path, model: Any, dataset: Dataset, straight: Path
) -> None:
    path = tmp_path / "out" / "t.jsonl"
    part(path, model, dataset, Shard(0, 3))
    part(path, model, dataset, Shard(2, 3), limit=3)
    assert len(parts_of(path)) == 2
    model.decoded = 0
    decode = type(model).decode

    def counted(*words: Any) -> Any:
        model.decoded += 1
        return decode(model, *words)

    model.decode = counted
    assert part(path, model, dataset, None)
    clicks = [len(one["clicks"]) for one in untimed(straight)]
    assert 0 < model.decoded < sum(clicks)
    assert untimed(path) == untimed(straight)
    assert not parts_of(path)


def test_another_number_of_parts_goes_on(
    tmp_path: Path, model: Any, dataset: Dataset, straight: Path
) -> None:
    path = tmp_path / "out" / "t.jsonl"
    part(path, model, dataset, Shard(1, 2))
    before = {file: file.read_bytes() for file in parts_of(path)}
    for index in range(3):
        part(path, model, dataset, Shard(index, 3))
        for file in set(before) & set(parts_of(path)):
            assert file.read_bytes() == before[file]
    assert untimed(path) == untimed(straight)
    assert not parts_of(path)


def test_a_part_of_a_limited_run(tmp_path: Path, model: Any, dataset: Dataset, straight: Path) -> None:
    path = tmp_path / "out" / "t.jsonl"
    assert [part(path, model, dataset, Shard(index, 2), limit=3) for index in range(2)] == [False, True]
    few = untimed(path)
    assert [one["sample"] for one in few] == ["1", "2", "2"]
    assert [part(path, model, dataset, Shard(index, 2)) for index in range(2)] == [False, True]
    assert untimed(path) == untimed(straight)


def test_each_object_stays_under_the_machine_that_made_it(
    tmp_path: Path, model: Any, dataset: Dataset
) -> None:
    path = tmp_path / "t.jsonl"
    for index in range(2):
        with open_trace(path, model, dataset, RULES, shard=Shard(index, 2)) as opened:
            header = TraceHeader(opened.header.identity, {"device": f"machine {index}"})
        with TraceFile(Shard(index, 2).path(path), header) as file:
            evaluate_dataset(model, dataset, RULES, trace=file, shard=Shard(index, 2))
    assert put_together(path, header, dataset.samples)
    made = ""
    for line in path.read_text().splitlines():
        if '"format"' in line:
            made = line.partition("machine ")[2][0]
        else:
            sample = line.partition('"sample":"')[2][0]
            assert int(sample) % 2 == int(made)


def test_a_writer_whose_part_was_put_together_loses_nothing(
    tmp_path: Path, model: Any, dataset: Dataset, straight: Path
) -> None:
    """A run with a limit ends while one without it is still at work."""
    path = tmp_path / "out" / "t.jsonl"
    done: list[ObjectTrace] = read_trace(straight)[1]
    with open_trace(path, model, dataset, RULES, shard=Shard(0, 2)) as slow:
        for one in done[:1]:
            slow.add(one)
        assert part(path, model, dataset, None, limit=2)
        assert not parts_of(path)
        for one in done[1:]:
            slow.add(one)
    assert len(parts_of(path)) == 1
    assert part(path, model, dataset, None)
    assert untimed(path) == untimed(straight)


def test_parts_of_something_else_are_refused_and_left_alone(
    tmp_path: Path, model: Any, dataset: Dataset
) -> None:
    path = tmp_path / "t.jsonl"
    part(path, model, dataset, Shard(0, 2))
    (file,) = parts_of(path)
    before = file.read_bytes()
    with pytest.raises(EvaluationError, match="made with another dataset"):
        open_trace(path, model, dataclasses.replace(dataset, samples=dataset.samples[:5]), RULES)
    file.write_text("my notes")
    with pytest.raises(EvaluationError, match="is no trace"):
        open_trace(path, model, dataset, RULES)
    file.write_bytes(before)
    assert list(parts_of(path)) == [file]


def test_only_parts_of_this_trace_are_parts(tmp_path: Path) -> None:
    for name in ("t.part-1-of-2.jsonl", "tt.part-1-of-2.jsonl", "t.part-1-of-2.jsonl.bak", "t.jsonl"):
        (tmp_path / name).write_text("")
    assert parts_of(tmp_path / "t.jsonl") == {tmp_path / "t.part-1-of-2.jsonl": Shard(0, 2)}
    assert parts_of(tmp_path / "nowhere" / "t.jsonl") == {}


def test_a_place_that_cannot_be_written(
    tmp_path: Path, model: Any, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "t.jsonl"
    part(path, model, dataset, Shard(0, 2))

    def full(*words: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("skipclick.evaluation.shards.write_whole", full)
        with pytest.raises(EvaluationError, match="No space left"):
            part(path, model, dataset, Shard(1, 2))
    assert len(parts_of(path)) == 2
    assert part(path, model, dataset, None)
