"""The ONNX Runtime back end, on graphs made by hand: logits are the red channel plus the previous mask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from skipclick.backend import onnx as home
from skipclick.backend.exported import GraphInfo
from skipclick.backend.loading import load_model
from skipclick.backend.onnx import OnnxBackend
from skipclick.errors import ModelError
from skipclick.prompt import Click, Prompt
from skipclick.session import Session

onnx = pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

CPU, CUDA = "CPUExecutionProvider", "CUDAExecutionProvider"

INFO = GraphInfo("toy", "abcd", 14, "float32", ("fused",), "{}")


def write(folder: Path, info: GraphInfo = INFO, click_info: GraphInfo | None = None) -> Path:
    """An exported model of the two smallest graphs there can be."""
    helper, kind = onnx.helper, onnx.TensorProto
    folder.mkdir(exist_ok=True)
    image = helper.make_tensor_value_info("image", kind.FLOAT, [1, 3, "h", "w"])
    fused = helper.make_tensor_value_info("fused", kind.FLOAT, [1, 1, "h", "w"])
    points = helper.make_tensor_value_info("points", kind.DOUBLE, [1, 2, "n", 2])
    previous = helper.make_tensor_value_info("previous", kind.FLOAT, [1, 1, "h", "w"])
    logits = helper.make_tensor_value_info("logits", kind.FLOAT, [1, 1, "h", "w"])
    bounds = [
        onnx.numpy_helper.from_array(np.array([x]), n) for x, n in ((0, "from"), (1, "to"), (1, "axis"))
    ]
    encode = helper.make_graph(
        [helper.make_node("Slice", ["image", "from", "to", "axis"], ["fused"])],
        "encode",
        [image],
        [fused],
        bounds,
    )
    click = helper.make_graph(
        [
            helper.make_node("ReduceMax", ["points"], ["most"], keepdims=0),
            helper.make_node("Cast", ["most"], ["many"], to=kind.FLOAT),
            helper.make_node("Add", ["fused", "previous"], ["both"]),
            helper.make_node("Add", ["both", "many"], ["logits"]),
        ],
        "click",
        [fused, points, previous],
        [logits],
    )
    for name, graph, told in (("encode", encode, info), ("click", click, click_info or info)):
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
        helper.set_model_props(model, told.to_metadata())
        onnx.save(model, folder / f"{name}.onnx")
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "model")


def pictures(count: int, height: int = 28, width: int = 42) -> np.ndarray:
    return np.random.default_rng(count).random((count, 3, height, width), dtype=np.float32)


def test_it_tells_what_the_graphs_tell(folder: Path) -> None:
    model = OnnxBackend(folder, device="cpu")
    assert (model.name, model.fingerprint, model.stride) == ("toy", "abcd", 14)
    assert (model.precision, model.device) == ("float32", "cpu")


@pytest.mark.parametrize("size", [(28, 42), (14, 14), (70, 28)])
def test_any_size_and_number_of_clicks(folder: Path, size: tuple[int, int]) -> None:
    model = OnnxBackend(folder)
    images = pictures(2, *size)
    features = model.encode(images)
    prompts = [Prompt((Click(2, 3),)), Prompt((Click(1, 1), Click(5, 4, positive=False), Click(0, 2)))]
    logits = model.decode(features, prompts)
    assert logits.shape == (2, *size)
    # The largest coordinate of each prompt was added.
    np.testing.assert_allclose(logits, images[:, 0] + np.array([3, 5])[:, None, None], rtol=1e-6)


def test_a_session_runs_on_it(folder: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((30, 40, 3), 200, np.uint8)).save(tmp_path / "photo.png")
    session = Session(OnnxBackend(folder), str(tmp_path / "photo.png"), size=28, mirror=True)
    assert session.add(Click(20, 10)).all()
    assert session.undo()
    assert not session.mask.any()


@pytest.mark.parametrize("name", ["", "encode.onnx", "click.onnx"])
def test_load_model_finds_it(folder: Path, name: str) -> None:
    for source in (folder / name, str(folder / name)):
        assert isinstance(load_model(source), OnnxBackend)


def test_the_precision_asked_for_must_be_its_own(folder: Path) -> None:
    assert load_model(folder, precision="float32").name == "toy"
    for precision in ("int8", "bf16"):
        with pytest.raises(ModelError, match=f"computes in float32 here, not in {precision}"):
            load_model(folder, precision=precision)  # type: ignore[arg-type]


def test_graphs_of_two_models_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "m", click_info=GraphInfo("toy", "other", 14, "float32", ("fused",), "{}"))
    with pytest.raises(ModelError, match="different models"):
        OnnxBackend(folder)


def test_damaged_and_foreign_graphs_are_refused(folder: Path) -> None:
    model = onnx.load(folder / "encode.onnx")
    del model.metadata_props[:]
    onnx.save(model, folder / "encode.onnx")
    with pytest.raises(ModelError, match="not written by"):
        OnnxBackend(folder)
    (folder / "encode.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match="cannot be opened"):
        OnnxBackend(folder)


def test_a_graph_that_fails_is_told_in_words(folder: Path) -> None:
    model = OnnxBackend(folder)
    features = model.encode(pictures(1))
    with pytest.raises(ModelError, match="could not run"):
        model._run_click({"fused": model.features_to_arrays(features)["fused"]})


@pytest.mark.parametrize("device", ["mps", "tpu", "cuda:x", ""])
def test_unknown_devices(folder: Path, device: str) -> None:
    with pytest.raises(ModelError, match="runs on cpu or cuda"):
        OnnxBackend(folder, device=device)


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    assert home._providers("auto", [CPU]) == ("cpu", [CPU])
    assert home._providers("cpu", [CUDA, CPU]) == ("cpu", [CPU])
    assert home._providers("auto", [CUDA, CPU]) == ("cuda:0", [(CUDA, {"device_id": 0}), CPU])
    assert home._providers("cuda:2", [CUDA, CPU])[0] == "cuda:2"
    with pytest.raises(ModelError, match="no CUDA"):
        home._providers("cuda", [CPU])


class FakeCuda:
    """ONNX Runtime on a machine with some graphics cards, as far as sessions are opened there."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cards: int) -> None:
        import onnxruntime

        self.cards = cards
        self.asked: list[int] = []
        self.open = onnxruntime.InferenceSession
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: [CUDA, CPU])
        monkeypatch.setattr(onnxruntime, "InferenceSession", self.session)

    def session(self, file: Path, options: Any, providers: list[Any]) -> Any:
        session = self.open(file, options, providers=[CPU])
        if providers != [CPU]:
            (kind, card), last = providers
            assert (kind, last) == (CUDA, CPU)
            self.asked.append(card["device_id"])
            # A card that is not there is passed over for the next provider, the CPU.
            on = [CUDA, CPU] if card["device_id"] < self.cards else [CPU]
            session.get_providers = lambda: on
        return session


@pytest.mark.parametrize("device", ["auto", "cuda"])
@pytest.mark.parametrize(("rank", "card"), [(None, 0), ("0", 0), ("2", 2), ("x", 0)])
def test_each_process_of_torchrun_has_its_card(
    folder: Path, monkeypatch: pytest.MonkeyPatch, device: str, rank: str | None, card: int
) -> None:
    monkeypatch.delenv("LOCAL_RANK", raising=False)
    if rank is not None:
        monkeypatch.setenv("LOCAL_RANK", rank)
    fake = FakeCuda(monkeypatch, cards=3)
    assert load_model(folder, device=device).device == f"cuda:{card}"
    assert fake.asked == [card, card]


def test_a_card_that_is_named_is_taken_under_torchrun_too(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_RANK", "2")
    fake = FakeCuda(monkeypatch, cards=3)
    assert load_model(folder, device="cuda:1").device == "cuda:1"
    assert load_model(folder, device="cpu").device == "cpu"
    assert fake.asked == [1, 1]


def test_more_processes_than_cards(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "3")
    FakeCuda(monkeypatch, cards=3)
    assert load_model(folder).device == "cpu"
    with pytest.raises(ModelError, match="cannot use 'cuda:3' here: use --device cpu"):
        load_model(folder, device="cuda")


def test_a_missing_runtime_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    with pytest.raises(ModelError, match=r"pip install \"skipclick\[onnx\]\""):
        OnnxBackend(folder)


WITHOUT_PYTORCH = """
import sys
sys.modules["torch"] = None  # as if it were not installed
from skipclick.apps.cli import main
main(sys.argv[1:])
"""


def run_without_pytorch(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_PYTORCH, *map(str, words)], capture_output=True, text=True, timeout=120
    )


def test_a_photo_is_cut_without_pytorch(folder: Path, tmp_path: Path) -> None:
    Image.fromarray(np.full((30, 40, 3), 200, np.uint8)).save(tmp_path / "photo.png")
    done = run_without_pytorch(
        "segment",
        tmp_path / "photo.png",
        "--model",
        folder,
        "--size",
        "28",
        "-c",
        "20,10",
        "-o",
        tmp_path / "m.png",
    )
    assert done.returncode == 0, done.stderr
    assert "toy on cpu" in done.stdout
    with Image.open(tmp_path / "m.png") as mask:
        assert mask.size == (40, 30)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["segment", "{photo}", "-c", "1,1", "-o", "{folder}/m.png"], "skipclick-s needs PyTorch"),
        (["export", "skipclick-s", "-o", "{folder}/out"], "skipclick export needs PyTorch"),
        (["convert", "a.pth", "{folder}/b.safetensors"], "this command needs PyTorch"),
        (["benchmark"], "skipclick-s needs PyTorch"),
    ],
)
def test_what_needs_pytorch_says_so_in_one_line(tmp_path: Path, words: list[str], complaint: str) -> None:
    Image.fromarray(np.full((30, 40, 3), 200, np.uint8)).save(tmp_path / "photo.png")
    names = {"folder": tmp_path, "photo": tmp_path / "photo.png"}
    done = run_without_pytorch(*(word.format(**names) for word in words))
    assert done.returncode == 2, done.stderr
    assert complaint in done.stderr
    assert 'pip install "skipclick[torch]"' in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["--help"], ["models"], ["data", "list"], ["export", "--help"], ["doctor"]]
)
def test_what_does_not_need_it_runs(words: list[str]) -> None:
    done = run_without_pytorch(*words)
    assert done.returncode == 0, done.stderr
    assert done.stdout
