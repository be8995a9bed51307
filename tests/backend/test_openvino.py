"""The OpenVINO back end, on graphs made by hand: logits are the red channel plus the previous mask."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from skipclick.backend.exported import GraphInfo
from skipclick.backend.loading import load_model
from skipclick.errors import ModelError
from skipclick.prompt import Click, Prompt

openvino = pytest.importorskip("openvino")

from skipclick.backend.openvino import METADATA, OpenVinoBackend  # noqa: E402

INFO = GraphInfo("toy", "abcd", 14, "float32", ("fused",), "{}")


def named(node: object, name: str) -> object:
    node.output(0).set_names({name})  # type: ignore[attr-defined]
    return node


def write(folder: Path, info: GraphInfo | None = INFO) -> Path:
    ops, kind = openvino.opset13, openvino.Type
    image = named(ops.parameter([1, 3, -1, -1], kind.f32), "image")
    fused = named(ops.gather(image, np.array([0]), np.array(1)), "fused")
    given = named(ops.parameter([1, 1, -1, -1], kind.f32), "fused")
    points = named(ops.parameter([1, 2, -1, 2], kind.f64), "points")
    previous = named(ops.parameter([1, 1, -1, -1], kind.f32), "previous")
    most = ops.convert(ops.reduce_max(points, np.array([0, 1, 2, 3])), "f32")
    logits = named(ops.add(ops.add(given, previous), most), "logits")
    folder.mkdir(exist_ok=True)
    for name, results, parameters in (
        ("encode", [fused], [image]),
        ("click", [logits], [given, points, previous]),
    ):
        model = openvino.Model(results, parameters, name)
        for key, value in (info.to_metadata() if info else {}).items():
            model.set_rt_info(value, [METADATA, key])
        openvino.save_model(model, folder / f"{name}.xml", compress_to_fp16=False)
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def model(folder: Path) -> OpenVinoBackend:
    return OpenVinoBackend(folder)


def pictures(count: int, size: tuple[int, int] = (28, 42)) -> np.ndarray:
    return np.random.default_rng(count).random((count, 3, *size), dtype=np.float32)


def test_it_tells_what_the_graphs_tell(model: OpenVinoBackend) -> None:
    assert (model.name, model.fingerprint, model.stride) == ("toy", "abcd", 14)
    assert (model.precision, model.device) == ("float32", "cpu")


@pytest.mark.parametrize("size", [(28, 42), (14, 14), (70, 28)])
def test_any_size_and_number_of_clicks(model: OpenVinoBackend, size: tuple[int, int]) -> None:
    images = pictures(2, size)
    prompts = [Prompt((Click(2, 3),)), Prompt((Click(1, 1), Click(5, 4, positive=False), Click(0, 2)))]
    logits = model.decode(model.encode(images), prompts)
    np.testing.assert_allclose(logits, images[:, 0] + np.array([3, 5])[:, None, None], rtol=1e-5)


def test_earlier_answers_and_features_stay(model: OpenVinoBackend) -> None:
    """OpenVINO uses the memory of its results again."""
    images = pictures(2)
    first = model.encode(images[:1])
    model.encode(images[1:])
    answer = model.decode(first, [Prompt()])
    kept = answer.copy()
    model.decode(model.encode(images[1:]), [Prompt((Click(9, 9),))])
    np.testing.assert_array_equal(answer, kept)
    np.testing.assert_allclose(answer, images[:1, 0] - 1, rtol=1e-5)


def test_load_model_finds_it(folder: Path) -> None:
    for source in (folder, str(folder), folder / "click.xml"):
        assert isinstance(load_model(source), OpenVinoBackend)


def test_graphs_of_others_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not written by"):
        OpenVinoBackend(write(tmp_path / "m", info=None))


def test_damaged_graphs_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "m")
    (folder / "encode.xml").write_text("no graph")
    with pytest.raises(ModelError, match="cannot be opened"):
        OpenVinoBackend(folder)


def test_other_devices_are_refused(folder: Path) -> None:
    with pytest.raises(ModelError, match="runs on the CPU"):
        OpenVinoBackend(folder, device="cuda")


def test_a_missing_runtime_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match=r"pip install \"skipclick\[openvino\]\""):
        OpenVinoBackend(folder)
