"""`skipclick report`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.apps.cli import main
from skipclick.apps.cli.report import open_all, parse_rows
from skipclick.datasets import open_dataset
from skipclick.errors import DatasetError
from skipclick.evaluation import EvaluationProtocol, evaluate_dataset, open_trace
from skipclick.report import ReportError, make_report
from skipclick.report.canvas import Drawing


def run(command: str, *words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([command, *(str(word) for word in words)])
    code = end.value.code
    assert isinstance(code, int)
    return code


def failure(capsys: pytest.CaptureFixture[str], *words: object) -> str:
    """The one line that explains a failure."""
    assert run("report", *words) == 2
    message = capsys.readouterr().err
    assert message.startswith("skipclick: ")
    assert message.count("\n") == 1
    return message


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures take a second each and are tested elsewhere."""
    svg = b'<svg width="1pt" height="1pt" viewBox="0 0 1 1"></svg>'

    def draw(name: str) -> Drawing:
        return Drawing(name, f"The {name}.", svg, b"%PDF", b"PNG", 7.0)

    monkeypatch.setattr(make_report, "draw_radar", lambda runs: draw("radar"))
    monkeypatch.setattr(make_report, "draw_curves", lambda runs, rng: draw("curves"))
    monkeypatch.setattr(make_report, "draw_histograms", lambda runs, percent: draw(f"clicks-{percent}"))


@pytest.fixture
def data(tmp_path: Path) -> str:
    root = tmp_path / "GrabCut"
    rows, columns = np.mgrid[:60, :90]
    disk = (rows - 30) ** 2 + (columns - 40) ** 2 <= 14**2
    for folder, pixels in (
        ("data_GT", np.full((60, 90, 3), 90, np.uint8)),
        ("boundary_GT", disk * np.uint8(255)),
    ):
        (root / folder).mkdir(parents=True)
        for name in "ab":
            Image.fromarray(pixels).save(root / folder / f"{name}.png")
    return f"GrabCut={root}"


@pytest.fixture
def traces(disk_model: Any, tmp_path: Path, data: str) -> Path:
    """What an evaluation leaves."""
    disk_model.radius = 8.0
    dataset = open_dataset("GrabCut", data.removeprefix("GrabCut="))
    protocol = EvaluationProtocol(size=(56, 56), max_clicks=3)
    with open_trace(tmp_path / "traces" / "disks.jsonl", disk_model, dataset, protocol) as trace:
        evaluate_dataset(disk_model, dataset, protocol, trace=trace)
    return tmp_path / "traces"


@pytest.mark.usefixtures("quick")
class TestReport:
    def test_from_an_evaluation_to_a_page(
        self, traces: Path, tmp_path: Path, data: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        out = tmp_path / "report"
        assert (
            run("report", traces, "-o", out, "--data", data, "--model", "skipclick-s", "--pictures", 1) == 0
        )
        printed = capsys.readouterr()
        assert printed.out == f"1 run: {out / 'index.html'}\n"
        assert "objects of disks, at most 3 clicks, at 56×56 on GrabCut" in printed.err
        page = (out / "index.html").read_text()
        assert page.count('src="data:image/jpeg') >= 2
        assert "the answer" in page

    def test_any_thresholds(self, traces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert run("report", traces, "-o", tmp_path / "report", "--thresholds", "50,62.5") == 0
        head = (tmp_path / "report" / "runs.csv").read_text().splitlines()[0].split(",")
        assert [name for name in head if re.fullmatch(r"NoC@[\d.]+", name)] == ["NoC@50", "NoC@62.5"]
        capsys.readouterr()
        words = [traces, "-o", tmp_path / "report", "--thresholds"]
        assert "give IoUs in percent" in failure(capsys, *words, "many")
        assert "until 99 % are not known" in failure(capsys, *words, "99")

    def test_files_or_folders(self, traces: Path, tmp_path: Path) -> None:
        (file,) = traces.iterdir()
        assert run("report", file, traces, "-o", tmp_path / "report") == 0

    def test_the_default_folder(self, traces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert run("report", traces) == 0
        assert (tmp_path / "report" / "index.html").is_file()

    def test_twice_the_same(self, traces: Path, tmp_path: Path) -> None:
        pages = []
        for _ in range(2):
            assert run("report", traces, "-o", tmp_path / "report") == 0
            pages.append((tmp_path / "report" / "index.html").read_bytes())
        assert pages[0] == pages[1]

    def test_a_model_of_another_name(self, traces: Path, tmp_path: Path) -> None:
        (file,) = traces.iterdir()
        lines = file.read_text().splitlines()
        header = json.loads(lines[0])
        header["protocol"] |= {"size": [448, 448], "max_clicks": 20}
        file.write_text("\n".join([json.dumps(header), *lines[1:]]) + "\n")
        assert run("report", file, "-o", tmp_path / "r", "--row", "disks=frozen") == 0
        table = (tmp_path / "r" / "tables" / "table-4.csv").read_text()
        assert re.search(
            r"^\+ Frozen Backbone,disks,GrabCut,NoC@90,,[\d.]+,1\.72,-?[\d.]+,2 of 50 images$",
            table,
            re.MULTILINE,
        )


class TestBadInput:
    def test_no_traces(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "holds no traces" in failure(capsys, tmp_path, "-o", tmp_path / "report")
        assert "cannot read" in failure(capsys, tmp_path / "nothing.jsonl")

    def test_other_files_are_safe(
        self, traces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert "choose another folder with --out" in failure(capsys, traces, "-o", tmp_path)

    def test_data_that_was_not_evaluated(
        self, traces: Path, tmp_path: Path, data: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        message = failure(capsys, traces, "-o", tmp_path / "r", "--data", data.replace("=", ":mine="))
        assert "no trace is of the data set mine: there are GrabCut" in message

    def test_another_copy_of_the_data(
        self, traces: Path, tmp_path: Path, data: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """All names are the same; with a model, clicks would lie outside its photos."""
        root = Path(data.removeprefix("GrabCut="))
        for picture in root.rglob("*.png"):
            with Image.open(picture) as image:
                image.resize((22, 15)).save(picture)
        words = [traces, "-o", tmp_path / "r", "--data", data, "--model", "skipclick-s"]
        assert "GrabCut is not what" in failure(capsys, *words)
        assert not (tmp_path / "r").exists()

    def test_a_model_that_was_not_evaluated(
        self, traces: Path, disk_model: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        disk_model.fingerprint = "others"
        message = failure(capsys, traces, "-o", tmp_path / "r", "--model", "skipclick-s")
        assert "no trace was made with the weights of disks" in message

    def test_a_row_that_does_not_exist(
        self, traces: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        message = failure(capsys, traces, "-o", tmp_path / "r", "--row", "disks=best")
        assert "no row called 'best'" in message

    def test_without_matplotlib(
        self,
        traces: Path,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        message = failure(capsys, traces, "-o", tmp_path / "r")
        assert message == 'skipclick: reports need Matplotlib: pip install "skipclick[report]"\n'
        assert not (tmp_path / "r").exists()


class TestOpenAll:
    def test_one(self, data: str) -> None:
        (dataset,) = open_all([data], None, {"GrabCut"})
        assert (dataset.label, len(dataset.samples)) == ("GrabCut", 2)

    def test_of_a_group_only_what_was_evaluated(self, tmp_path: Path) -> None:
        folder = tmp_path / "WSESeg" / "flickr_snow_kites"
        folder.mkdir(parents=True)
        mask = np.zeros((20, 30), np.uint8)
        mask[5:9, 5:9] = 1
        Image.fromarray(mask).save(folder / "mask_a.png")
        Image.fromarray(np.zeros((20, 30, 3), np.uint8)).save(folder / "a.jpg")
        texts = [f"WSESeg={tmp_path / 'WSESeg'}"]
        (dataset,) = open_all(texts, None, {"WSESeg_flickr_snow_kites", "GrabCut"})
        assert dataset.label == "WSESeg_flickr_snow_kites"
        with pytest.raises(DatasetError, match="flickr_bobsleighs does not exist"):
            open_all(texts, None, {"GrabCut"})

    def test_none(self) -> None:
        assert open_all([], None, {"GrabCut"}) == []


class TestParseRows:
    def test_good_ones(self) -> None:
        assert parse_rows([]) == {}
        assert parse_rows(["a=skip", "org/b=c=frozen"]) == {"a": "skip", "org/b=c": "frozen"}

    @pytest.mark.parametrize("text", ["", "a", "=skip", "a="])
    def test_others(self, text: str) -> None:
        with pytest.raises(ReportError, match="is not MODEL=ROW, as in my-training=skip"):
            parse_rows([text])


def test_help_loads_no_large_library() -> None:
    code = (
        "import sys\nfrom skipclick.apps.cli import main\n"
        "try: main(['report', '--help'])\nexcept SystemExit: pass\n"
        "large = {'torch', 'numpy', 'matplotlib', 'jinja2', 'cv2', 'scipy'}\n"
        "print(sorted(large & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Usage: skipclick report" in done.stdout
    assert done.stderr == "[]\n"


def test_the_library_loads_neither_pytorch_nor_matplotlib() -> None:
    code = "import sys, skipclick.report; print(sorted({'torch', 'matplotlib', 'jinja2'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
