from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from skipclick.datasets import Count
from skipclick.evaluation import EvaluationError
from skipclick.report import runs
from skipclick.report.runs import (
    ReportError,
    counted_thresholds,
    diverging,
    group_by_dataset,
    read_pair,
    read_run,
    read_runs,
)

ONE = {"a": [0.5, 0.96]}
TWO = {"a": [0.5, 0.96], "b": [0.97]}


class TestReading:
    def test_what_a_trace_tells(self, write_trace: Callable[..., Path]) -> None:
        path = write_trace(TWO, model="m", weights="0123", samples=7)
        run = read_run(path)
        assert (run.path, run.model, run.weights, run.system) == (path, "m", "0123", "m")
        assert (run.label, run.reader, run.samples, run.images) == ("GrabCut", "GrabCut", 7, 2)
        assert (run.size, run.threshold, run.target_iou, run.max_clicks) == ((448, 448), 0.49, 0.95, 20)
        assert run.mirror
        assert run.plain
        assert run.deviations == ()
        assert run.made_with["device"] == "cpu"
        assert run.ious == [(0.5, 0.96), (0.97,)]

    def test_an_object_that_is_there_twice_counts_once(self, write_trace: Callable[..., Path]) -> None:
        path = write_trace({"a": [0.96]})
        again = json.loads(path.read_text().splitlines()[1]) | {"ious": [0.1]}
        with path.open("a") as file:
            file.write(json.dumps(again) + "\n")
        assert read_run(path).ious == [(0.96,)]

    def test_an_image_without_objects_counts_as_an_image(self, write_trace: Callable[..., Path]) -> None:
        path = write_trace(ONE)
        with path.open("a") as file:
            file.write('{"sample":"empty","of":0}\n')
        run = read_run(path)
        assert (run.images, len(run.objects)) == (2, 1)

    def test_no_object(self, write_trace: Callable[..., Path]) -> None:
        with pytest.raises(ReportError, match="no finished object: let skipclick evaluate go on"):
            read_run(write_trace({}))

    def test_no_trace(self, tmp_path: Path) -> None:
        (tmp_path / "notes.jsonl").write_text("my notes")
        with pytest.raises(EvaluationError, match="is no trace"):
            read_run(tmp_path / "notes.jsonl")
        with pytest.raises(EvaluationError, match="cannot read"):
            read_run(tmp_path / "nowhere.jsonl")

    @pytest.mark.parametrize("missing", ["model", "weights", "dataset", "protocol"])
    def test_a_header_that_tells_too_little(self, write_trace: Callable[..., Path], missing: str) -> None:
        path = write_trace(ONE)
        header, *rest = path.read_text().splitlines()
        values = json.loads(header)
        del values[missing]
        path.write_text("\n".join([json.dumps(values), *rest]) + "\n")
        with pytest.raises(ReportError, match="does not say what was evaluated"):
            read_run(path)

    @pytest.mark.parametrize("size", [None, 448, [448], ["a", "b"]])
    def test_a_damaged_header(self, write_trace: Callable[..., Path], size: Any) -> None:
        with pytest.raises(ReportError, match="does not say what was evaluated"):
            read_run(write_trace(ONE, size=size))


class TestDeviations:
    @pytest.mark.parametrize(
        ("rules", "words"),
        [
            ({"mirror": False}, "not mirrored"),
            ({"size": [672, 448]}, "at 448×672"),
            ({"max_clicks": 10}, "at most 10 clicks"),
            ({"min_clicks": 5}, "at least 5 clicks"),
            ({"threshold": 0.5}, "threshold 0.5"),
            ({"target_iou": 0.9}, "until IoU 90 %"),
            ({"target_iou": 1.01}, "every click"),
            ({"zoom": True}, "zoomed in"),
            ({"start": "eroded"}, "from a mask (eroded)"),
            ({"first_click": "random"}, "first click random"),
            ({"a_rule_to_come": 3}, "a rule to come 3"),
        ],
    )
    def test_rules_that_differ_are_named(
        self, make_run: Callable[..., Any], rules: dict[str, Any], words: str
    ) -> None:
        run = make_run(ONE, **rules)
        assert run.deviations == (words,)
        assert run.system == f"disks, {words}"

    def test_several(self, make_run: Callable[..., Any]) -> None:
        assert make_run(ONE, mirror=False, threshold=0.5).system == "disks, threshold 0.5, not mirrored"

    def test_each_data_set_has_its_size(self, make_run: Callable[..., Any]) -> None:
        assert make_run(ONE, label="WSESeg_yt_sports").deviations == ()
        assert make_run(ONE, label="DAVIS").deviations == ("at 448×448",)
        assert make_run(ONE, label="DAVIS", size=[672, 672]).deviations == ()
        assert make_run(ONE, label="part", reader="DAVIS", size=[672, 672]).deviations == ()

    def test_masks_of_two_folders_are_told_apart(self, write_trace: Callable[..., Path]) -> None:
        paths = [
            write_trace(ONE, name=f"{digit}.jsonl", start="given", start_masks=16 * digit) for digit in "ab"
        ]
        systems = [run.system for run in read_runs(paths)]
        assert systems == [f"disks, from a mask (given {7 * digit})" for digit in "ab"]

    def test_a_mere_measure_is_none(self, make_run: Callable[..., Any]) -> None:
        assert make_run(ONE, boundary=True).deviations == ()

    def test_what_cannot_be_repeated_is_not_plain(self, make_run: Callable[..., Any]) -> None:
        assert not make_run(ONE, start="polygon").plain

    @pytest.mark.parametrize("zoom", [False, True])
    def test_zooming_in_is_known(self, make_run: Callable[..., Any], zoom: bool) -> None:
        run = make_run(ONE, zoom=zoom)
        assert run.zoom == zoom
        assert run.plain


class TestNoc:
    def test_as_published_or_not(self, make_run: Callable[..., Any]) -> None:
        run = make_run({"a": [0.5, 0.92, 0.96], "b": [0.1] * 20, "c": [0.1] * 19 + [0.95]})
        assert run.noc(0.9) == [2, 20, 20]
        assert run.noc(0.9, never=21) == [2, 21, 20]

    def test_the_runs_own_limit_counts(self, make_run: Callable[..., Any]) -> None:
        assert make_run({"a": [0.1] * 7}, max_clicks=7).noc(0.9) == [7]


class TestGap:
    def test_part_of_a_data_set(self, make_run: Callable[..., Any]) -> None:
        assert make_run(TWO, samples=50).gap == "2 of 50 images"

    def test_the_official_number_counts(self, make_run: Callable[..., Any]) -> None:
        assert make_run(TWO, samples=2).gap == "2 of 50 images"

    def test_the_whole_data_set(self, make_run: Callable[..., Any]) -> None:
        assert make_run({str(index): [0.96] for index in range(50)}).gap == ""

    def test_a_subset_of_another_name_is_a_data_set_of_its_own(self, make_run: Callable[..., Any]) -> None:
        assert make_run(TWO, label="mine", reader="GrabCut", samples=2).gap == ""
        assert make_run(TWO, label="mine", reader="GrabCut", samples=3).gap == "2 of 3 images"

    def test_images_that_were_lost_before(self, make_run: Callable[..., Any]) -> None:
        run = make_run(TWO, label="WSESeg_yt_sports", samples=2, missing=3)
        assert (run.missing, run.gap) == (3, "2 of 5 images")
        assert make_run(TWO, label="mine", reader="SHSeg", samples=2, missing=1).gap == "2 of 3 images"
        assert make_run(TWO, label="SHSeg", samples=2, missing=1).gap == "2 of 496 images"

    def test_an_image_that_was_left_in_the_middle(self, make_run: Callable[..., Any]) -> None:
        objects = [
            dataclasses.replace(one, object_id=number, objects_in_sample=2)
            for one in make_run(TWO).objects
            for number in (1, 2)
        ]
        assert make_run(objects, label="mine", samples=2).gap == ""
        assert make_run(objects[:3], label="mine", samples=2).gap == "1 of 2 images"

    def test_the_official_number_of_objects_counts_too(
        self, make_run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(runs, "official_count", lambda name: Count(2, 3))
        assert make_run(TWO, label="SBD").gap == "2 of 3 objects"

    def test_without_an_official_number(self, make_run: Callable[..., Any]) -> None:
        assert make_run(TWO, label="Folder", samples=2).gap == ""
        assert make_run(TWO, label="unheard-of", samples=2).gap == ""


class TestReadRuns:
    def test_files_and_folders(self, write_trace: Callable[..., Path]) -> None:
        first, second = write_trace(ONE), write_trace(ONE, label="Berkeley")
        (first.parent / "old.jsonl.bak").write_text("kept")
        for given in ([first, second], [first.parent], [first.parent, first]):
            assert [run.label for run in read_runs(given)] == ["GrabCut", "Berkeley"]

    def test_in_the_order_of_the_data_sets(self, write_trace: Callable[..., Path]) -> None:
        labels = ["WSESeg_yt_sports", "mystery", "SBD", "GrabCut", "WSESeg_flickr_bobsleighs"]
        read = read_runs([write_trace(ONE, label=label) for label in labels])
        assert [run.label for run in read] == [
            "GrabCut",
            "SBD",
            "WSESeg_flickr_bobsleighs",
            "WSESeg_yt_sports",
            "mystery",
        ]

    def test_nothing_given(self, tmp_path: Path) -> None:
        with pytest.raises(ReportError, match="no trace given"):
            read_runs([])
        with pytest.raises(ReportError, match="holds no traces"):
            read_runs([tmp_path])

    def test_models_of_one_name_are_told_apart(self, write_trace: Callable[..., Path]) -> None:
        paths = [
            write_trace(ONE, name="1.jsonl", weights="aaaaaaaaaaaa"),
            write_trace(ONE, name="2.jsonl", weights="bbbbbbbbbbbb", mirror=False),
        ]
        systems = [run.system for run in read_runs(paths)]
        assert systems == ["disks (aaaaaaa)", "disks (bbbbbbb), not mirrored"]

    def test_parts_are_put_together(self, write_trace: Callable[..., Path]) -> None:
        paths = [
            write_trace({"a": [0.96], "b": [0.97]}, name="t.part-1-of-2.jsonl"),
            write_trace({"c": [0.98]}, name="t.part-2-of-2.jsonl"),
        ]
        (run,) = read_runs(paths)
        assert [trace.sample for trace in run.objects] == ["a", "b", "c"]

    def test_the_same_objects_twice(self, write_trace: Callable[..., Path]) -> None:
        paths = [write_trace(TWO, name="1.jsonl"), write_trace(ONE, name="2.jsonl")]
        with pytest.raises(ReportError, match=r"1.jsonl and .*2.jsonl are both of disks on GrabCut"):
            read_runs(paths)

    def test_groups(self, write_trace: Callable[..., Path]) -> None:
        paths = [
            write_trace(ONE),
            write_trace(ONE, label="DAVIS", size=[672, 672]),
            write_trace(ONE, name="plain.jsonl", mirror=False),
        ]
        groups = group_by_dataset(read_runs(paths))
        assert {label: [run.system for run in group] for label, group in groups.items()} == {
            "GrabCut": ["disks", "disks, not mirrored"],
            "DAVIS": ["disks"],
        }

    def test_other_data_of_one_label_is_not_put_together(self, write_trace: Callable[..., Path]) -> None:
        paths = [
            write_trace({"a": [0.96]}, name="1.jsonl", fingerprint="f"),
            write_trace({"b": [0.96]}, name="2.jsonl", fingerprint="g"),
        ]
        with pytest.raises(ReportError, match=r"1.jsonl and .*2.jsonl are .* GrabCut, but of other ground"):
            read_runs(paths)

    @pytest.mark.parametrize(("one", "other"), [("f", "f"), ("f", None), (None, None)])
    def test_as_far_as_traces_tell(
        self, write_trace: Callable[..., Path], one: str | None, other: str | None
    ) -> None:
        paths = [
            write_trace({"a": [0.96]}, name="1.jsonl", fingerprint=one),
            write_trace({"b": [0.96]}, name="2.jsonl", fingerprint=other),
        ]
        (run,) = read_runs(paths)
        assert run.images == 2

    def test_labels_with_different_data(self, write_trace: Callable[..., Path]) -> None:
        told = [("m", "GrabCut", "f"), ("n", "GrabCut", "g"), ("o", "GrabCut", None), ("m", "SBD", "h")]
        read = [
            read_run(write_trace(ONE, model=model, label=label, fingerprint=found))
            for model, label, found in told
        ]
        assert diverging(read) == ["GrabCut"]
        assert diverging([read[0], *read[2:]]) == []


class TestThresholds:
    @pytest.mark.parametrize(
        ("targets", "wanted", "counted"),
        [
            ([0.95], None, [0.8, 0.85, 0.9, 0.95]),
            ([0.98], None, [0.8, 0.85, 0.9, 0.95, 0.98]),
            ([0.95, 0.98], None, [0.8, 0.85, 0.9, 0.95, 0.98]),
            ([0.87], None, [0.8, 0.85, 0.87]),
            ([1.01], None, [0.8, 0.85, 0.9, 0.95]),
            ([1.01], (0.99, 0.5), [0.5, 0.99]),
            ([0.95], (0.5, 0.99), [0.5]),
        ],
    )
    def test_which_are_counted(
        self,
        make_run: Callable[..., Any],
        targets: list[float],
        wanted: tuple[float, ...] | None,
        counted: list[float],
    ) -> None:
        made = [make_run(ONE, target_iou=target) for target in targets]
        assert list(counted_thresholds(made, wanted)) == counted

    def test_none_that_is_known(self, make_run: Callable[..., Any]) -> None:
        with pytest.raises(ReportError, match="until 98 % are not known: objects were finished at 95 %"):
            counted_thresholds([make_run(ONE)], (0.98, 0.99))


class TestReadPair:
    def test_different_models(self, write_trace: Callable[..., Path]) -> None:
        first, second = read_pair(write_trace(ONE, model="m"), write_trace(ONE, model="n"))
        assert (first.system, second.system) == ("m", "n")

    def test_other_weights(self, write_trace: Callable[..., Path]) -> None:
        paths = [write_trace(ONE, name=f"{letter}.jsonl", weights=9 * letter) for letter in "ab"]
        assert [run.system for run in read_pair(*paths)] == ["disks (aaaaaaa)", "disks (bbbbbbb)"]

    def test_a_repetition_is_named_by_its_file(self, write_trace: Callable[..., Path]) -> None:
        paths = [write_trace(ONE, name=f"{letter}.jsonl") for letter in "ab"]
        assert [run.system for run in read_pair(*paths)] == [f"disks ({path})" for path in paths]
