"""`skipclick export` in process, with what writes graphs replaced; the real way is a slow test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from skipclick.apps.cli import app, main
from skipclick.apps.cli.export import MOST_IMAGES
from skipclick.export.gate import Comparison
from skipclick.export.write import Exported
from skipclick.image import IMAGE_SUFFIXES

torch_backend = pytest.importorskip("skipclick.backend.torch")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What `export_model` was told, each time; the model is no real one."""
    told: list[dict[str, Any]] = []

    class Model(torch_backend.TorchBackend):  # type: ignore[name-defined,misc]
        name = "toy"

        def __init__(self) -> None:
            pass

    def load(source: str, *, device: str, precision: str) -> Model:
        told.append({"source": source, "device": device, "precision": precision})
        return Model()

    def export(_model: Model, folder: Path, images: list, **rest: Any) -> Exported:
        rest["progress"]("making the graphs")
        told.append({"folder": folder, "images": images, **rest})
        return Exported(folder, Comparison(2e-5, 3e-6, (1.0, 0.998)), 12_345_678)

    monkeypatch.setattr("skipclick.backend.loading.load_model", load)
    monkeypatch.setattr("skipclick.export.write.export_model", export)
    return told


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["export", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


def test_what_is_written_and_how_it_compares(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    output = run("skipclick-s", "-o", str(tmp_path / "out"))
    assert calls[0] == {"source": "skipclick-s", "device": "cpu", "precision": "float32"}
    asked = calls[1]
    assert asked["folder"] == tmp_path / "out"
    assert (asked["kind"], asked["precision"], asked["force"]) == ("onnx", "float32", False)
    # The demo's photo.
    assert [image.shape for image in asked["images"]] == [(400, 600, 3)]
    for part in ("toy, float32", "3.0e-06", "2.0e-05", "0.9990 in 2 comparisons", "12.3 MB"):
        assert part in output


def test_choices_are_passed_on(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    run("m.pth", "-o", str(tmp_path / "o"), "--format", "openvino", "--force")
    run("m.pth", "-o", str(tmp_path / "o"), "--precision", "int8")
    assert (calls[1]["kind"], calls[1]["force"]) == ("openvino", True)
    assert (calls[3]["kind"], calls[3]["precision"]) == ("onnx", "int8")
    run("m.pth", "-o", str(tmp_path / "o"), "--format", "openvino", "--precision", "bf16")
    assert (calls[5]["kind"], calls[5]["precision"]) == ("openvino", "bf16")


def test_photos_are_taken_from_all_over_a_folder(calls: list[dict[str, Any]], tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    for index in range(2 * MOST_IMAGES + 1):
        Image.fromarray(np.full((4, 4, 3), index, np.uint8)).save(photos / f"{index:03}.png")
    (photos / "notes.txt").write_text("no photo")
    run("toy", "-o", str(tmp_path / "out"), "--images", str(photos))
    shades = [int(image[0, 0, 0]) for image in calls[1]["images"]]
    assert len(shades) <= MOST_IMAGES
    assert shades[0] == 0
    assert shades[-1] > MOST_IMAGES


@pytest.mark.parametrize("suffix", IMAGE_SUFFIXES)
def test_photos_are_those_that_every_listing_finds(
    calls: list[dict[str, Any]], tmp_path: Path, suffix: str
) -> None:
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / f"photo{suffix}")
    (tmp_path / f"photo{suffix}").replace(tmp_path / f"PHOTO{suffix.upper()}")
    run("toy", "-o", str(tmp_path / "out"), "--images", str(tmp_path))
    assert len(calls[1]["images"]) == 1


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    with pytest.raises(SystemExit) as end:
        main(["export", *words])
    assert end.value.code == 2
    line = capsys.readouterr().err
    assert "Traceback" not in line
    return line


@pytest.mark.parametrize(
    ("make", "complaint"), [(False, "is not a folder"), (True, "holds no photos")], ids=["missing", "empty"]
)
def test_folders_without_photos(
    calls: list[dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    make: bool,
    complaint: str,
) -> None:
    if make:
        (tmp_path / "photos").mkdir()
    assert complaint in refused(capsys, "toy", "-o", "out", "--images", str(tmp_path / "photos"))
    assert not calls


def test_an_exported_model_is_not_exported_again(
    calls: list[dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    disk_model: Any,
) -> None:
    monkeypatch.setattr("skipclick.backend.loading.load_model", lambda *_names, **_options: disk_model)
    assert "exported model already" in refused(capsys, "folder", "-o", str(tmp_path / "out"))


def test_without_pytorch(
    calls: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("skipclick.backend.loading.importlib.util.find_spec", lambda _name: None)
    line = refused(capsys, "skipclick-s", "-o", "out")
    assert "skipclick export needs PyTorch" in line
    assert not calls
