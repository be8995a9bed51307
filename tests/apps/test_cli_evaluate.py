"""`skipclick evaluate`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.apps.cli import main
from skipclick.apps.cli.evaluate import parse_data
from skipclick.datasets import DATASETS
from skipclick.errors import DatasetError
from skipclick.evaluation.trace import read_trace


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main(["evaluate", *(str(word) for word in words)])
    code = end.value.code
    assert isinstance(code, int)
    return code


def unpack(root: Path, images: str, masks: str, count: int = 3) -> Path:
    rows, columns = np.mgrid[:60, :90]
    for index in range(count):
        disk = (rows - 30) ** 2 + (columns - 25 - 15 * index) ** 2 <= 14**2
        for folder, pixels in ((images, np.full((60, 90, 3), 90, np.uint8)), (masks, disk * np.uint8(255))):
            (root / folder).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(root / folder / f"{index}.png")
    return root


@pytest.fixture
def model(disk_model: Any) -> Any:
    disk_model.radius = 8.0
    return disk_model


@pytest.fixture
def grabcut(tmp_path: Path) -> str:
    return f"GrabCut={unpack(tmp_path / 'GrabCut', 'data_GT', 'boundary_GT')}"


@pytest.fixture
def davis(tmp_path: Path) -> str:
    return f"DAVIS:DAVIS_dev={unpack(tmp_path / 'frames', 'img', 'gt', count=2)}"


@pytest.fixture
def small(tmp_path: Path, grabcut: str) -> list[object]:
    return ["--data", grabcut, "--out", tmp_path / "traces", "--size", 56, "--clicks", 3]


def failure(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The one line that explains a failure."""
    assert run(*words) == 2
    message = capsys.readouterr().err
    assert message.startswith("skipclick: ")
    assert message.count("\n") == 1
    return message


class TestParseData:
    @pytest.mark.parametrize(
        ("text", "parsed"),
        [
            ("GrabCut=data/x", ("GrabCut", "GrabCut", Path("data/x"))),
            ("DAVIS:DAVIS_dev=/d", ("DAVIS", "DAVIS_dev", Path("/d"))),
            ("DAVIS=C:/a=b", ("DAVIS", "DAVIS", Path("C:/a=b"))),
            ("Berkeley=~/b", ("Berkeley", "Berkeley", Path.home() / "b")),
        ],
    )
    def test_what_a_data_set_looks_like(self, text: str, parsed: tuple[str, str, Path]) -> None:
        assert parse_data(text) == parsed

    @pytest.mark.parametrize(
        "text", ["", "GrabCut", "GrabCut=", "=x", "GrabCut:=x", "GrabCut:a b=x", "data/x"]
    )
    def test_anything_else_is_explained(self, text: str) -> None:
        with pytest.raises(DatasetError, match=r"is not NAME=FOLDER, as in .*; the names are GrabCut,"):
            parse_data(text)

    def test_unknown_names_list_the_known_ones(self) -> None:
        with pytest.raises(
            DatasetError, match="no data set 'grabcut'; the names are GrabCut, Berkeley, DAVIS"
        ):
            parse_data("grabcut=x")


def test_help_says_where_the_names_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "`skipclick data list` shows the names" in printed
    assert next(iter(DATASETS)) in printed


def test_a_table_and_traces(
    model: Any, tmp_path: Path, grabcut: str, davis: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "traces"
    assert run("--data", grabcut, "--data", davis, "-o", out, "--size", 56, "--clicks", 4) == 0
    printed = capsys.readouterr().out
    assert "disks on cpu, averaged with the mirrored image" in printed
    assert re.search(r"^ *GrabCut +3 ", printed, re.MULTILINE)
    assert re.search(r"^ *DAVIS_dev +2 ", printed, re.MULTILINE)
    names = ["disks_DAVIS_dev_56x56_mirrored.jsonl", "disks_GrabCut_56x56_mirrored.jsonl"]
    assert sorted(file.name for file in out.iterdir()) == names
    header, traces = read_trace(out / names[0])
    assert header.identity["dataset"] == {"label": "DAVIS_dev", "reader": "DAVIS", "samples": 2}
    assert [trace.sample for trace in traces] == ["0", "1"]
    assert str(out / names[1]) in printed.replace("\n", "")


def test_traces_go_under_the_current_folder(
    model: Any, tmp_path: Path, grabcut: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("--data", grabcut, "--size", 56, "--clicks", 1, "--limit", 1) == 0
    assert (tmp_path / "runs" / "evaluation" / "disks_GrabCut_56x56_mirrored.jsonl").is_file()


def test_the_json_file_says_what_the_table_says(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "results" / "table.json"
    for _ in range(2):  # our own file may be replaced
        assert run(*small, "--no-mirror", "--json", file) == 0
    assert "without the mirrored image" in capsys.readouterr().out
    values = json.loads(file.read_text())
    assert (values["model"], values["made_with"]["device"]) == ("disks", "cpu")
    assert (values["protocol"]["mirror"], values["protocol"]["max_clicks"]) == (False, 3)
    (row,) = values["datasets"]
    traces = read_trace(tmp_path / "traces" / "disks_GrabCut_56x56.jsonl")[1]
    assert (row["label"], row["objects"], row["size"]) == ("GrabCut", 3, [56, 56])
    assert row["clicks"] == sum(len(trace.clicks) for trace in traces)
    assert list(row["noc"]) == ["80", "85", "90", "95"]
    assert row["iou_after"]["1"] == pytest.approx(np.mean([trace.ious[0] for trace in traces]))
    assert not (tmp_path / "results" / "table.json.part").exists()


def test_another_file_is_never_replaced(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    notes = tmp_path / "notes.json"
    notes.write_text('{"mine": 1}')
    assert "choose another name" in failure(capsys, *small, "--json", notes)
    assert notes.read_text() == '{"mine": 1}'


def test_published_sizes_are_the_default(
    model: Any, tmp_path: Path, grabcut: str, davis: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    encode = type(model).encode
    monkeypatch.setattr(
        model, "encode", lambda images: (sizes.append(images.shape), encode(model, images))[1], raising=False
    )
    words = ["--data", grabcut, "--data", davis, "--out", tmp_path / "t", "--clicks", 1, "--limit", 1]
    assert run(*words) == 0
    assert sizes == [(2, 3, 448, 448), (2, 3, 672, 672)]


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Press Ctrl-C while an image is being read."""

    def arrange(image: int) -> None:
        from skipclick.datasets.sample import read_colour

        seen = []

        def read(path: Path) -> np.ndarray:
            seen.append(path)
            if len(seen) == 2 * image - 1:  # an image and its mask make two files
                raise KeyboardInterrupt
            return read_colour(path)

        monkeypatch.setattr("skipclick.datasets.sample.read_colour", read)
        monkeypatch.setattr("skipclick.datasets.grabcut.read_colour", read)

    return arrange


def test_interrupted_and_continued(
    model: Any,
    tmp_path: Path,
    small: list[object],
    interrupt: Callable[[int], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    interrupt(3)
    assert run(*small) == 130
    printed = capsys.readouterr().err
    assert "2 objects are kept in" in printed
    assert "the same command goes on from there" in printed
    trace = tmp_path / "traces" / "disks_GrabCut_56x56_mirrored.jsonl"
    assert len(read_trace(trace)[1]) == 2
    assert run(*small) == 0
    assert [one.sample for one in read_trace(trace)[1]] == ["0", "1", "2"]


def test_other_settings_need_fresh_and_the_old_trace_is_kept(
    model: Any, tmp_path: Path, small: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "traces" / "disks_GrabCut_56x56_mirrored.jsonl"
    assert run(*small) == 0
    before = trace.read_bytes()
    capsys.readouterr()
    message = failure(capsys, *small, "--clicks", 2)
    assert "made with another protocol" in message
    assert "--fresh" in message
    assert trace.read_bytes() == before
    assert run(*small, "--clicks", 2, "--fresh") == 0
    assert "kept as" in capsys.readouterr().out
    assert trace.with_name(trace.name + ".bak").read_bytes() == before
    assert read_trace(trace)[0].identity["protocol"]["max_clicks"] == 2


def test_mirrored_and_not_live_side_by_side(model: Any, tmp_path: Path, small: list[object]) -> None:
    assert run(*small) == 0
    assert run(*small, "--no-mirror") == 0
    assert len(list((tmp_path / "traces").iterdir())) == 2


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(source: str, *, device: str = "auto") -> None:
        raise AssertionError("a model was loaded before the arguments were checked")

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)


@pytest.mark.usefixtures("no_model")
class TestBadInput:
    def test_no_folder(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        message = failure(capsys, "--data", f"DAVIS={tmp_path / 'nowhere'}")
        assert "nowhere does not exist" in message

    def test_another_layout(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "expected images in img/ and masks in gt/" in failure(capsys, "--data", f"DAVIS={tmp_path}")

    def test_no_name(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "is not NAME=FOLDER" in failure(capsys, "--data", str(tmp_path))

    def test_two_of_one_label(self, grabcut: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert "NAME:LABEL=FOLDER" in failure(capsys, "--data", grabcut, "--data", grabcut)

    @pytest.mark.parametrize("option", ["--clicks", "--limit", "--size"])
    def test_numbers_below_one(self, option: str, grabcut: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("--data", grabcut, option, "0") == 2
        assert option in capsys.readouterr().err

    def test_no_data_at_all(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run() == 2
        assert "--data" in capsys.readouterr().err


def test_a_size_that_does_not_suit_the_model(
    model: Any, tmp_path: Path, grabcut: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = failure(capsys, "--data", grabcut, "--out", tmp_path / "t", "--size", 450)
    assert "multiple of the patch size 14" in message
    assert not (tmp_path / "t").exists()


def test_a_trace_that_does_not_fit_is_found_before_any_work(
    model: Any, tmp_path: Path, small: list[object], davis: str, capsys: pytest.CaptureFixture[str]
) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    (traces / "disks_DAVIS_dev_56x56_mirrored.jsonl").write_text("my notes")
    assert "is no trace" in failure(capsys, *small, "--data", davis)
    assert [file.name for file in traces.iterdir()] == ["disks_DAVIS_dev_56x56_mirrored.jsonl"]
