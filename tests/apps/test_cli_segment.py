"""`skipclick segment`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from skipclick.apps.cli import main
from skipclick.apps.cli.segment import parse_click, parse_size
from skipclick.errors import PromptError
from skipclick.prompt import Click

DATA = Path(__file__).parents[1] / "data"


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    code = end.value.code
    assert isinstance(code, int)
    return code


def read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.array(picture)


@pytest.fixture
def coffee(tmp_path: Path) -> Path:
    return Path(shutil.copy(DATA / "coffee.jpg", tmp_path / "coffee.jpg"))


@pytest.fixture
def asked() -> list[dict[str, Any]]:
    """The options with which models were loaded."""
    return []


@pytest.fixture
def disk_model(disk_model: Any, asked: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> Any:
    def load(source: str, **options: Any) -> Any:
        asked.append({"source": source, **options})
        return disk_model

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    return disk_model


@pytest.fixture
def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(source: str, **options: Any) -> None:
        raise AssertionError("a model was loaded before the arguments were checked")

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)


class TestParseClick:
    @pytest.mark.parametrize(
        ("text", "click"),
        [
            ("120,80", Click(120, 80)),
            ("120,80:+", Click(120, 80)),
            ("120,80:-", Click(120, 80, positive=False)),
            ("12.5,0", Click(12.5, 0)),
            (" 3 , 4 : - ", Click(3, 4, positive=False)),
            ("-0.5,7", Click(-0.5, 7)),
        ],
    )
    def test_what_a_click_looks_like(self, text: str, click: Click) -> None:
        assert parse_click(text) == click

    @pytest.mark.parametrize(
        "text", ["", "5", "5,", ",5", "1,2,3", "a,b", "1,2:", "1,2:x", "1,2:++", "50%,20%", "1;2", "1 2"]
    )
    def test_anything_else_is_explained(self, text: str) -> None:
        with pytest.raises(PromptError, match="write X,Y in pixels"):
            parse_click(text)

    @pytest.mark.parametrize("text", ["nan,1", "1,inf"])
    def test_a_click_is_somewhere(self, text: str) -> None:
        with pytest.raises(PromptError, match="finite"):
            parse_click(text)

    @given(
        x=st.floats(allow_nan=False, allow_infinity=False),
        y=st.floats(allow_nan=False, allow_infinity=False),
        positive=st.booleans(),
    )
    def test_every_click_can_be_written(self, x: float, y: float, positive: bool) -> None:
        assert parse_click(f"{x!r},{y!r}:{'+' if positive else '-'}") == Click(x, y, positive)

    @given(st.text(max_size=12))
    def test_no_text_breaks_it(self, text: str) -> None:
        try:
            click = parse_click(text)
        except PromptError:
            return
        assert "," in text
        assert isinstance(click, Click)


class TestParseSize:
    def test_numbers_and_auto(self) -> None:
        assert parse_size("448") == 448
        assert parse_size("auto") == "auto"

    @pytest.mark.parametrize("text", ["", "0", "-448", "4x4", "448.0", "big", "٤٤٨"])
    def test_anything_else_is_explained(self, text: str) -> None:
        with pytest.raises(PromptError, match="use 448, 672, 896 or auto"):
            parse_size(text)


@pytest.mark.usefixtures("disk_model")
class TestSegment:
    def test_the_mask_is_a_0_255_png_of_the_photo_s_size(self, coffee: Path, tmp_path: Path) -> None:
        assert run("segment", coffee, "--click", "200,100", "-o", tmp_path / "mask.png") == 0
        with Image.open(tmp_path / "mask.png") as mask:
            assert mask.format == "PNG"
            assert mask.mode == "L"
            assert mask.size == (400, 267)
            values = np.array(mask)
        assert set(np.unique(values)) == {0, 255}
        assert values[100, 200] == 255
        assert values[10, 10] == 0

    def test_a_negative_click_takes_away(self, coffee: Path, tmp_path: Path) -> None:
        words = ("--click", "200,100", "--click", "210,100:-")
        assert run("segment", coffee, *words, "-o", tmp_path / "mask.png") == 0
        assert read(tmp_path / "mask.png")[100, 210] == 0

    def test_times_and_area_are_printed(
        self, coffee: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        run("segment", coffee, "-c", "200,100", "-c", "9,8:-", "-o", tmp_path / "mask.png")
        lines = capsys.readouterr().out.splitlines()
        area = int((read(tmp_path / "mask.png") == 255).sum())
        assert lines[0].startswith("coffee.jpg: 400×267, encoded at 448×448 in ")
        assert lines[0].endswith("ms (disks on cpu)")
        assert lines[1].startswith("click 1 + at 200,100: ")
        assert lines[2].startswith("click 2 - at 9,8: ")
        share = 100 * area / (400 * 267)
        assert lines[3] == f"{tmp_path / 'mask.png'}: {area:,} pixels, {share:.1f} % of the photo"

    def test_a_start_without_clicks_comes_back_as_it_is(self, coffee: Path, tmp_path: Path) -> None:
        assert run("segment", coffee, "--start", DATA / "coffee.png", "-o", tmp_path / "mask.png") == 0
        np.testing.assert_array_equal(read(tmp_path / "mask.png"), read(DATA / "coffee.png"))

    def test_a_start_is_repaired_by_clicks(self, coffee: Path, tmp_path: Path) -> None:
        words = ("--start", DATA / "coffee.png", "--click", "20,20")
        assert run("segment", coffee, *words, "-o", tmp_path / "mask.png") == 0
        mask = read(tmp_path / "mask.png")
        assert mask[20, 20] == 255
        assert mask[150, 200] == 255

    def test_overlay_and_probability(self, coffee: Path, tmp_path: Path) -> None:
        paths = [tmp_path / name for name in ("mask.png", "overlay.png", "probability.png")]
        words = ("-o", paths[0], "--overlay", paths[1], "--probability", paths[2])
        assert run("segment", coffee, "--click", "200,100", *words) == 0
        mask, overlay, probability = (read(path) for path in paths)
        assert overlay.shape == (267, 400, 3)
        assert probability.shape == (267, 400)
        clear = np.abs(probability.astype(int) - 127.5) > 1
        assert clear.mean() > 0.99
        np.testing.assert_array_equal((mask == 255)[clear], (probability > 127)[clear])

    def test_a_probability_goes_on_where_it_was_left(self, coffee: Path, tmp_path: Path) -> None:
        first, soft, again = (tmp_path / name for name in ("first.png", "soft.png", "again.png"))
        clicks = ("-c", "200,100", "-c", "260,130:-")
        assert run("segment", coffee, *clicks, "-o", first, "--probability", soft) == 0
        grey = read(soft)
        assert len(np.unique(grey)) > 2
        assert run("segment", coffee, "--start", soft, "--start-kind", "probability", "-o", again) == 0
        clear = np.abs(grey.astype(int) - 127.5) > 1
        np.testing.assert_array_equal(read(again)[clear], read(first)[clear])
        assert run("segment", coffee, "--start", soft, "--start-kind", "mask", "-o", again, "--force") == 0
        np.testing.assert_array_equal(read(again) > 0, grey > 0)

    @pytest.mark.parametrize("size", ["224", "448", "auto"])
    def test_sizes(self, size: str, coffee: Path, tmp_path: Path) -> None:
        assert run("segment", coffee, "--click", "9,9", "-o", tmp_path / "mask.png", "--size", size) == 0

    def test_the_model_is_the_one_asked_for(
        self, coffee: Path, tmp_path: Path, asked: list[dict[str, Any]]
    ) -> None:
        words = ("--model", "mine.pth", "--device", "cuda:1", "--precision", "bf16", "-o", tmp_path / "a.png")
        assert run("segment", coffee, "-c", "9,9", *words) == 0
        assert run("segment", coffee, "-c", "9,9", "-o", tmp_path / "b.png") == 0
        assert asked == [
            {"source": "mine.pth", "device": "cuda:1", "precision": "bf16"},
            {"source": "skipclick-s", "device": "auto", "precision": None},
        ]

    def test_the_same_photo_is_encoded_once_where_features_are_kept(
        self, coffee: Path, tmp_path: Path, disk_model: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        encode, seen = type(disk_model).encode, []

        def note(self: Any, images: np.ndarray) -> Any:
            seen.append(images.shape)
            return encode(self, images)

        monkeypatch.setattr(type(disk_model), "encode", note)
        for name, answer in (
            ("features_to_arrays", lambda _: {"none": np.zeros(1, np.float32)}),
            ("features_from_arrays", lambda _, size: encode(disk_model, np.zeros((1, 3, *size), np.float32))),
        ):
            monkeypatch.setattr(disk_model, name, answer, raising=False)
        kept = tmp_path / "new" / "features"
        for number in range(2):
            words = ("--features", kept, "-o", tmp_path / f"{number}.png")
            assert run("segment", coffee, "-c", "200,100", *words) == 0
        assert seen == [(1, 3, 448, 448)]
        assert len(list(kept.iterdir())) == 1
        np.testing.assert_array_equal(read(tmp_path / "0.png"), read(tmp_path / "1.png"))
        assert read(tmp_path / "0.png").any()
        assert (
            run("segment", coffee, "-c", "9,9", "--size", "224", "--features", kept, "-o", tmp_path / "2.png")
            == 0
        )
        assert seen[1:] == [(1, 3, 224, 224)]

    def test_a_file_cannot_keep_features(
        self, coffee: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = ("--features", coffee, "-o", tmp_path / "mask.png")
        assert run("segment", coffee, "-c", "9,9", *words) == 2
        assert "coffee.jpg cannot keep features" in capsys.readouterr().err

    def test_the_threshold_counts(self, coffee: Path, tmp_path: Path) -> None:
        for threshold in ("0", "0.9999"):
            words = ("--threshold", threshold, "-o", tmp_path / f"{threshold}.png")
            assert run("segment", coffee, "--click", "200,100", *words) == 0
        assert read(tmp_path / "0.png").all()
        assert not read(tmp_path / "0.9999.png").any()

    def test_specks_are_removed(self, coffee: Path, tmp_path: Path) -> None:
        start = read(DATA / "coffee.png")
        start[5:8, 380:383] = 255
        Image.fromarray(start).save(tmp_path / "start.png")
        words = ("--start", tmp_path / "start.png", "--specks", "20", "-o", tmp_path / "mask.png")
        assert run("segment", coffee, *words) == 0
        np.testing.assert_array_equal(read(tmp_path / "mask.png"), read(DATA / "coffee.png"))

    def test_mirror_runs(self, coffee: Path, tmp_path: Path) -> None:
        assert run("segment", coffee, "--click", "200,100", "--mirror", "-o", tmp_path / "mask.png") == 0

    def test_zoom_shows_the_object_larger(self, tmp_path: Path) -> None:
        """So the disk around each click, of one size at the network's input, covers less of the photo."""
        areas = []
        for name, options in (("whole", []), ("closer", ["--zoom"])):
            out = tmp_path / f"{name}.png"
            clicks = ["--click", "140,108", "--click", "142,110"]
            assert run("segment", DATA / "chelsea.jpg", *clicks, *options, "-o", out) == 0
            areas.append((read(out) > 127).sum())
        assert areas[1] < areas[0]

    def test_an_existing_file_stays_unless_forced(
        self, coffee: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        target = tmp_path / "mask.png"
        target.write_bytes(b"precious")
        assert run("segment", coffee, "--click", "200,100", "-o", target) == 2
        assert "allow it with --force" in capsys.readouterr().err
        assert target.read_bytes() == b"precious"
        assert run("segment", coffee, "--click", "200,100", "-o", target, "--force") == 0
        assert read(target).shape == (267, 400)

    def test_a_click_outside_is_named(
        self, coffee: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("segment", coffee, "--click", "400,100", "-o", tmp_path / "mask.png") == 2
        complaint = capsys.readouterr().err
        assert complaint.startswith("skipclick: ")
        assert complaint.count("\n") == 1
        assert "400" in complaint
        assert not (tmp_path / "mask.png").exists()

    def test_a_start_that_does_not_fit_is_refused_before_the_photo_is_encoded(
        self,
        coffee: Path,
        tmp_path: Path,
        disk_model: Any,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def encode(images: np.ndarray) -> None:
            raise AssertionError("the photo was encoded before the start was checked")

        monkeypatch.setattr(disk_model, "encode", encode)
        other = tmp_path / "other.png"
        Image.fromarray(np.zeros((300, 200), np.uint8)).save(other)
        words = ("--start", other, "-o", tmp_path / "mask.png")
        assert run("segment", coffee, *words) == 2
        assert "200 x 300 pixels does not fit an image of 400 x 267" in capsys.readouterr().err


@pytest.mark.usefixtures("no_model")
class TestBadArguments:
    """Each ends with exit code 2 and one line, before a model is loaded."""

    def complaint(self, capsys: pytest.CaptureFixture[str], *words: object) -> str:
        assert run("segment", *words) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.startswith("skipclick: ")
        assert printed.err.count("\n") == 1
        return printed.err

    def test_no_prompt(self, coffee: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert "at least one --click" in self.complaint(capsys, coffee, "-o", coffee.with_name("m.png"))

    def test_a_bad_click(self, coffee: Path, capsys: pytest.CaptureFixture[str]) -> None:
        line = self.complaint(capsys, coffee, "--click", "left", "-o", coffee.with_name("m.png"))
        assert "'left' is not a click" in line

    def test_a_start_that_can_be_either(self, coffee: Path, capsys: pytest.CaptureFixture[str]) -> None:
        soft = coffee.with_name("soft.png")
        grey = np.linspace(0, 255, 400).astype(np.uint8)
        Image.fromarray(np.broadcast_to(grey, (267, 400))).save(soft)
        line = self.complaint(capsys, coffee, "--start", soft, "-o", coffee.with_name("m.png"))
        assert "soft.png has 255 shades of grey" in line
        assert "--start-kind probability" in line
        assert not coffee.with_name("m.png").exists()

    def test_a_missing_photo(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        line = self.complaint(capsys, tmp_path / "no.jpg", "--click", "1,1", "-o", tmp_path / "m.png")
        assert "no.jpg" in line

    def test_a_photo_that_is_none(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "notes.jpg").write_text("not a photo")
        line = self.complaint(capsys, tmp_path / "notes.jpg", "--click", "1,1", "-o", tmp_path / "m.png")
        assert "notes.jpg" in line

    def test_no_png(self, coffee: Path, capsys: pytest.CaptureFixture[str]) -> None:
        line = self.complaint(capsys, coffee, "--click", "1,1", "-o", coffee.with_name("m.jpg"))
        assert "end the name with .png" in line

    def test_a_missing_folder(self, coffee: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        line = self.complaint(capsys, coffee, "--click", "1,1", "-o", tmp_path / "no" / "m.png")
        assert "does not exist; create it first" in line

    def test_a_folder_as_the_target(
        self, coffee: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / "m.png").mkdir()
        line = self.complaint(capsys, coffee, "--click", "1,1", "-o", tmp_path / "m.png", "--force")
        assert "is a folder" in line

    def test_one_file_for_two_results(
        self, coffee: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        target = tmp_path / "m.png"
        line = self.complaint(capsys, coffee, "--click", "1,1", "-o", target, "--overlay", target)
        assert "two results" in line

    def test_the_photo_is_never_overwritten(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        photo = Path(shutil.copy(DATA / "coffee.png", tmp_path / "photo.png"))
        before = photo.read_bytes()
        link = tmp_path / "link.png"
        link.symlink_to(photo)
        for target in (photo, link, tmp_path / "." / "photo.png"):
            line = self.complaint(capsys, photo, "--click", "1,1", "-o", target, "--force")
            assert "is the photo itself" in line
        assert photo.read_bytes() == before

    @pytest.mark.parametrize("threshold", ["1", "1.5", "-0.1", "nan"])
    def test_a_threshold_that_nothing_can_pass(
        self, threshold: str, coffee: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        words = ("--threshold", threshold, "-o", coffee.with_name("m.png"))
        line = self.complaint(capsys, coffee, "--click", "1,1", *words)
        assert "from 0 to below 1" in line

    @pytest.mark.parametrize("click", ["700,10", "10,267", "-0.6,3:-"])
    def test_a_click_outside_the_photo(
        self, click: str, coffee: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        line = self.complaint(capsys, coffee, "-c", "1,1", "-c", click, "-o", coffee.with_name("m.png"))
        assert "lies outside the image of 400 x 267 pixels" in line

    @pytest.mark.parametrize(
        "words", [("--specks", "-1"), ("--size",), ("--start-kind", "logits"), ("--colour", "red")]
    )
    def test_what_typer_finds(
        self, words: tuple[str, ...], coffee: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("segment", coffee, "--click", "1,1", "-o", tmp_path / "m.png", *words) == 2
        assert words[0] in capsys.readouterr().err
