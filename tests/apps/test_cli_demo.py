"""`skipclick demo` and its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.apps.cli import main, panel
from skipclick.apps.cli.demo import CLICKS, PHOTO
from skipclick.apps.cli.panel import Step, draw_panel
from skipclick.overlay import MASK
from skipclick.prompt import Click


def run(*words: object) -> int:
    with pytest.raises(SystemExit) as end:
        main([str(word) for word in words])
    code = end.value.code
    assert isinstance(code, int)
    return code


def tile(page: np.ndarray, index: int, shape: tuple[int, int], columns: int = 3) -> np.ndarray:
    height, width = shape
    top = panel.MARGIN + index // columns * (height + panel.CAPTION + panel.GAP)
    left = panel.MARGIN + index % columns * (width + panel.GAP)
    return page[top : top + height, left : left + width]


def steps(count: int, shape: tuple[int, int]) -> list[Step]:
    mask = np.zeros(shape, bool)
    mask[: shape[0] // 2] = True
    clicks = tuple(Click(5.0 + 3 * i, 6.0, i % 2 == 0) for i in range(count))
    return [Step(clicks[: i + 1], mask, 0.01 * (i + 1)) for i in range(count)]


class TestPanel:
    image = np.full((60, 90, 3), 120, np.uint8)

    def test_photo_steps_and_cut_out_in_order(self) -> None:
        page = draw_panel(self.image, steps(4, (60, 90)), encode_seconds=0.2)
        np.testing.assert_array_equal(tile(page, 0, (60, 90)), self.image)
        assert (tile(page, 1, (60, 90))[:28, 60:] != 120).any(axis=2).all()
        np.testing.assert_array_equal(tile(page, 4, (60, 90))[40:], self.image[40:])
        cut = tile(page, 5, (60, 90))
        np.testing.assert_array_equal(cut[:30], self.image[:30])
        assert cut[30:].min() >= 226

    def test_the_size_follows_the_tiles(self) -> None:
        page = draw_panel(self.image, steps(4, (60, 90)), encode_seconds=0.2)
        assert page.shape == (
            2 * panel.MARGIN + 2 * (60 + panel.CAPTION) + panel.GAP,
            2 * panel.MARGIN + 3 * 90 + 2 * panel.GAP,
            3,
        )
        assert page.dtype == np.uint8

    @pytest.mark.parametrize(("count", "columns"), [(1, 3), (4, 3), (5, 4), (9, 4)])
    def test_any_number_of_clicks(self, count: int, columns: int) -> None:
        page = draw_panel(self.image, steps(count, (60, 90)), encode_seconds=0.2)
        assert page.shape[1] == 2 * panel.MARGIN + columns * 90 + (columns - 1) * panel.GAP

    def test_every_tile_has_a_caption(self) -> None:
        page = draw_panel(self.image, steps(2, (60, 90)), encode_seconds=0.2)
        for row in range(2):
            top = panel.MARGIN + row * (60 + panel.CAPTION + panel.GAP) + 60
            filled = 3 if row == 0 else 1
            for column in range(3):
                left = panel.MARGIN + column * (90 + panel.GAP)
                caption = page[top : top + panel.CAPTION, left : left + 90]
                assert (caption < 255).any() == (column < filled)

    def test_a_large_photo_is_shrunk_with_its_mask_and_clicks(self) -> None:
        shape = (2 * panel.TILE // 3 * 3, 3 * panel.TILE)
        image = np.full((*shape, 3), 120, np.uint8)
        mask = np.zeros(shape, bool)
        mask[:, shape[1] // 2 :] = True
        click = Click(shape[1] / 4, shape[0] / 2)
        page = draw_panel(image, [Step((click,), mask, 0.01)], encode_seconds=0.1)
        small = tile(page, 1, (shape[0] // 3, panel.TILE))
        assert (small[10:20, panel.TILE // 2 + 10 :] != 120).any(axis=2).all()
        assert (small[10:20, : panel.TILE // 2 - 2] == 120).all()
        assert small[shape[0] // 6, panel.TILE // 4].tolist() == [255, 255, 255]

    def test_the_border_shows_in_the_mask_s_colour(self) -> None:
        page = draw_panel(self.image, steps(1, (60, 90)), encode_seconds=0.2)
        assert (tile(page, 1, (60, 90))[29, 40:] == MASK).all()


@pytest.fixture
def asked(disk_model: Any, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The options with which models were loaded; each is the disk model."""
    asked: list[dict[str, Any]] = []

    def load(source: str, **options: Any) -> Any:
        asked.append({"source": source, **options})
        return disk_model

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    return asked


@pytest.mark.usefixtures("asked")
class TestDemo:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        return tmp_path

    def test_it_writes_the_picture_and_prints_the_times(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("demo") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("disks on cpu: photo encoded in ")
        assert len(lines) == 2 + len(CLICKS)
        assert all(line.endswith(" ms") for line in lines[:-1])
        assert lines[-1] == "wrote skipclick-demo.png"
        with Image.open(folder / "skipclick-demo.png") as picture:
            assert picture.width > 3 * panel.TILE

    def test_the_model_is_the_one_asked_for(self, asked: list[dict[str, Any]]) -> None:
        assert run("demo", "--model", "mine.pth", "--device", "cuda", "--precision", "bf16") == 0
        assert asked == [{"source": "mine.pth", "device": "cuda", "precision": "bf16"}]

    def test_a_second_demo_loses_nothing(self, folder: Path) -> None:
        assert run("demo") == run("demo") == 0
        assert sorted(path.name for path in folder.iterdir()) == [
            "skipclick-demo-2.png",
            "skipclick-demo.png",
        ]

    def test_a_named_file_is_not_overwritten(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (folder / "mine.png").write_bytes(b"precious")
        assert run("demo", "-o", "mine.png") == 2
        assert "mine.png exists already" in capsys.readouterr().err
        assert (folder / "mine.png").read_bytes() == b"precious"
        assert run("demo", "-o", "mine.png", "--force") == 0


def test_the_bundled_photo_holds_every_click() -> None:
    with Image.open(PHOTO) as photo:
        width, height = photo.size
    assert (width, height) == (600, 400)
    assert all(0 <= x < width and 0 <= y < height for x, y, _ in CLICKS)
    assert CLICKS[0][2]
    assert {positive for *_, positive in CLICKS} == {True, False}
    assert PHOTO.stat().st_size < 100_000
