"""Exported models: what is refused, what is left behind, and that they answer as the network does."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from skipclick.backend.cache import CachedBackend
from skipclick.backend.loading import load_model
from skipclick.backend.torch import TorchBackend
from skipclick.errors import ModelError
from skipclick.export import write as home
from skipclick.export.gate import compare
from skipclick.export.write import EXAMPLE, export_model
from skipclick.prompt import Click, Prompt

Images = list[NDArray[np.uint8]]


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fake_graphs(monkeypatch: pytest.MonkeyPatch, candidate: object) -> None:
    """Write two empty files in place of graphs, and take `candidate` for the model in them."""
    monkeypatch.setattr(
        home, "write_graphs", lambda _form, _info, *paths: [path.write_bytes(b"new") for path in paths]
    )
    monkeypatch.setattr(home, "load_model", lambda _folder, **_options: candidate)
    monkeypatch.setattr(home, "compare", partial(compare, grids=((4, 5),)))


class Shifted(TorchBackend):
    def decode(self, features, prompts):  # type: ignore[no-untyped-def]
        return super().decode(features, prompts) + 1


def test_a_model_that_passes_is_put_in_place(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_graphs(monkeypatch, backend)
    done = export_model(backend, tmp_path / "out", images)
    assert left_in(tmp_path) == ["out"]
    assert left_in(tmp_path / "out") == ["click.onnx", "encode.onnx", EXAMPLE]
    assert done.folder == tmp_path / "out"
    assert done.nbytes == sum(path.stat().st_size for path in done.folder.iterdir())
    assert done.found.difference == 0


def test_a_wrong_model_leaves_nothing(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_graphs(monkeypatch, Shifted(backend.network, name="toy", device="cpu"))
    with pytest.raises(ModelError, match="nothing was written"):
        export_model(backend, tmp_path / "out", images)
    assert left_in(tmp_path) == []


def test_a_wrong_model_does_not_take_the_place_of_a_right_one(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_graphs(monkeypatch, backend)
    export_model(backend, tmp_path / "out", images)
    before = left_in(tmp_path / "out")
    fake_graphs(monkeypatch, Shifted(backend.network, name="toy", device="cpu"))
    with pytest.raises(ModelError, match="nothing was written"):
        export_model(backend, tmp_path / "out", images, force=True)
    assert left_in(tmp_path) == ["out"]
    assert left_in(tmp_path / "out") == before


def test_an_exported_model_is_replaced_if_one_says_so(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_graphs(monkeypatch, backend)
    export_model(backend, tmp_path / "out", images)
    (tmp_path / "out" / "click.onnx").write_bytes(b"old")
    with pytest.raises(ModelError, match="--force"):
        export_model(backend, tmp_path / "out", images)
    assert (tmp_path / "out" / "click.onnx").read_bytes() == b"old"
    export_model(backend, tmp_path / "out", images, force=True)
    assert (tmp_path / "out" / "click.onnx").read_bytes() == b"new"
    assert left_in(tmp_path) == ["out"]


def test_a_link_to_an_exported_model_stays_one(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_graphs(monkeypatch, backend)
    export_model(backend, tmp_path / "out", images)
    (tmp_path / "out" / "click.onnx").write_bytes(b"old")
    (tmp_path / "link").symlink_to(tmp_path / "out")
    export_model(backend, tmp_path / "link", images, force=True)
    assert (tmp_path / "out" / "click.onnx").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()
    assert left_in(tmp_path) == ["link", "out"]


@pytest.mark.parametrize(
    "name", ["photo.jpg", "mask.png", "encode.onnx.bak", "notes/today.txt", "click.bin/x"]
)
def test_what_else_lies_beside_a_model_is_never_lost(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The example's own line puts photos and masks there."""
    fake_graphs(monkeypatch, backend)
    out = tmp_path / "out"
    export_model(backend, out, images)
    (out / "click.onnx").write_bytes(b"old")
    mine = out / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_bytes(b"mine")
    top = name.split("/")[0]
    with pytest.raises(ModelError, match=f"out also holds {top}: move it away, or name a new folder"):
        export_model(backend, out, images, force=True)
    assert mine.read_bytes() == b"mine"
    assert (out / "click.onnx").read_bytes() == b"old"
    assert left_in(tmp_path) == ["out"]


def test_what_is_put_there_during_an_export_stays(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_graphs(monkeypatch, backend)
    out = tmp_path / "out"
    export_model(backend, out, images)
    (out / "click.onnx").write_bytes(b"old")

    def put(step: str) -> None:
        if step == "comparing with the network":
            (out / "photo.jpg").write_bytes(b"mine")
            (out / "masks").mkdir()
            (out / "masks" / "one.png").write_bytes(b"mine too")

    export_model(backend, out, images, force=True, progress=put)
    assert left_in(tmp_path) == ["out"]
    assert left_in(out) == ["click.onnx", "encode.onnx", EXAMPLE, "masks", "photo.jpg"]
    assert (out / "photo.jpg").read_bytes() == b"mine"
    assert (out / "masks" / "one.png").read_bytes() == b"mine too"
    assert (out / "click.onnx").read_bytes() == b"new"


def test_every_file_that_an_export_writes_may_be_replaced(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model in another format and with weights apart: nothing of it is taken for the user's."""
    fake_graphs(monkeypatch, backend)
    out = tmp_path / "out"
    export_model(backend, out, images)
    for part in ("encode", "click"):
        for end in (".onnx.data", ".int8.onnx.data", ".xml", ".bin"):
            (out / f"{part}{end}").write_bytes(b"old")
    export_model(backend, out, images, force=True)
    assert left_in(out) == ["click.onnx", "encode.onnx", EXAMPLE]


def test_folders_with_other_things_are_never_replaced(
    backend: TorchBackend, images: Images, tmp_path: Path
) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"cat")
    (tmp_path / "file").write_bytes(b"")
    for name, complaint in (
        ("photos", "something else"),
        ("file", "is a file"),
        ("no/where", "does not exist"),
    ):
        with pytest.raises(ModelError, match=complaint):
            export_model(backend, tmp_path / name, images, force=True)
    assert left_in(tmp_path / "photos") == ["cat.jpg"]


def test_requests_that_make_no_sense(backend: TorchBackend, images: Images, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(ModelError, match="at least one"):
        export_model(backend, out, [])
    with pytest.raises(ModelError, match="format 'tflite'"):
        export_model(backend, out, images, kind="tflite")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="not in 'int4'"):
        export_model(backend, out, images, precision="int4")  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="bf16 exists for --format openvino alone"):
        export_model(backend, out, images, precision="bf16")
    half = TorchBackend(
        type(backend.network)(backend.network.config).eval(), name="half", device="cpu", precision="bf16"
    )
    with pytest.raises(ModelError, match="float32 on the CPU"):
        export_model(half, out, images)
    assert left_in(tmp_path) == []


def test_missing_packages_are_named(
    backend: TorchBackend, images: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home.importlib.util, "find_spec", lambda _name: None)
    for kind, extra in (("onnx", "onnx"), ("openvino", "openvino")):
        with pytest.raises(ModelError, match=rf'pip install "skipclick\[{extra}\]"'):
            export_model(backend, tmp_path / "out", images, kind=kind)  # type: ignore[arg-type]
    monkeypatch.setattr(home.importlib.util, "find_spec", lambda name: None if name == "nncf" else "there")
    with pytest.raises(ModelError, match=r'pip install "skipclick\[openvino-int8\]"'):
        export_model(backend, tmp_path / "out", images, kind="openvino", precision="int8")


PROMPT = Prompt((Click(20, 30), Click(5.25, 60.5, positive=False), Click(40, 10)))


@pytest.mark.acceptance
@pytest.mark.parametrize("grid", [(8, 8), (5, 9), (4, 4), (2, 3), (11, 2)])
def test_graphs_answer_as_the_network_for_any_size(
    backend: TorchBackend, exported: Path, grid: tuple[int, int]
) -> None:
    model = load_model(exported)
    size = 14 * grid[0], 14 * grid[1]
    random = np.random.default_rng(0)
    image = random.random((2, 3, *size), dtype=np.float32)
    prompts = [Prompt(PROMPT.clicks[:1]), Prompt(PROMPT.clicks, random.random(size, dtype=np.float32))]
    expected = backend.decode(backend.encode(image), prompts)
    ours = model.decode(model.encode(image), prompts)
    assert np.abs(ours - expected).max() <= 1e-4 * expected.std()
    many = model.decode(model.encode(image[:1]), prompts)
    np.testing.assert_allclose(many[0], ours[0], atol=1e-5)


@pytest.mark.acceptance
def test_what_the_graphs_tell(backend: TorchBackend, exported: Path) -> None:
    model = load_model(exported)
    assert (model.name, model.fingerprint, model.stride) == ("toy", backend.fingerprint, 14)
    text = b"".join(path.read_bytes() for path in exported.glob("*.onnx"))
    # Where a graph was made is nobody's business.
    for trace in (str(Path(home.__file__).parent), "site-packages", sys.prefix):
        assert trace.encode() not in text


@pytest.mark.acceptance
def test_features_are_interchangeable(backend: TorchBackend, exported: Path, tmp_path: Path) -> None:
    """What PyTorch has encoded and kept, ONNX Runtime decodes, and the other way round."""
    model = load_model(exported)
    image = np.random.default_rng(1).random((1, 3, 56, 70), dtype=np.float32)
    expected = backend.decode(backend.encode(image), [PROMPT])
    for first, second in ((backend, model), (model, backend)):
        folder = tmp_path / type(first).__name__
        CachedBackend(first, folder).encode(image)  # type: ignore[arg-type]
        other = CachedBackend(second, folder)  # type: ignore[arg-type]
        ours = other.decode(other.encode(image), [PROMPT])
        assert np.abs(ours - expected).max() <= 1e-4 * expected.std()
        assert len(list(folder.iterdir())) == 1


@pytest.mark.acceptance
def test_photos_are_cut_where_pytorch_cannot_be_imported(exported: Path, tmp_path: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (50, 70, 3)).astype(np.uint8)
    Image.fromarray(photo).save(tmp_path / "photo.png")
    code = "import sys; sys.modules['torch'] = None; from skipclick.apps.cli import main; main(sys.argv[1:])"
    words = ["segment", "photo.png", "--model", exported, "-c", "30,20", "-o", "mask.png"]
    done = subprocess.run([sys.executable, "-c", code, *words], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "(toy on cpu)" in done.stdout
    with Image.open(tmp_path / "mask.png") as mask:
        assert mask.size == (70, 50)


@pytest.mark.slow
def test_int8(backend: TorchBackend, images: Images, tmp_path: Path) -> None:
    before = {name: value.clone() for name, value in backend.network.state_dict().items()}
    done = export_model(backend, tmp_path / "int8", images, precision="int8")
    model = load_model(tmp_path / "int8", precision="int8")
    assert re.fullmatch(f"{backend.fingerprint}-int8-[0-9a-f]{{8}}", model.fingerprint)
    export_model(backend, tmp_path / "again", images[:1], precision="int8")
    assert load_model(tmp_path / "again").fingerprint != model.fingerprint, "calibrated on other images"
    # It is another arithmetic, but the same model.
    assert 0 < done.found.typical < 0.2
    assert compare(backend, model, images).mean_iou >= 0.9
    assert all(torch.equal(value, before[name]) for name, value in backend.network.state_dict().items())
    import onnx

    operators = {node.op_type for node in onnx.load(tmp_path / "int8" / "encode.onnx").graph.node}
    assert "MatMulInteger" in operators


@pytest.mark.slow
def test_openvino(backend: TorchBackend, images: Images, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    export_model(backend, tmp_path / "ov", images, kind="openvino")
    assert left_in(tmp_path / "ov") == ["click.bin", "click.xml", "encode.bin", "encode.xml"]
    model = load_model(tmp_path / "ov")
    assert (model.name, model.fingerprint, model.stride) == ("toy", backend.fingerprint, 14)
    assert compare(backend, model, images).mean_iou >= 0.999
    with pytest.raises(ModelError, match="runs on the CPU"):
        load_model(tmp_path / "ov", device="cuda")


@pytest.mark.slow
def test_openvino_in_bf16(small: TorchBackend, images: Images, tmp_path: Path) -> None:
    pytest.importorskip("openvino")
    done = export_model(small, tmp_path / "bf16", images, kind="openvino", precision="bf16")
    model = load_model(tmp_path / "bf16")
    assert model.fingerprint == f"{small.fingerprint}-bf16"
    assert done.found.mean_iou >= 0.95
    # Half of what float32 takes, and the weights of skipclick-s came from float16 anyway.
    assert done.nbytes < 64e6


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"backbone": {"registers": 4}},
        {"backbone": {"family": "dinov3", "patch": 16, "width": 48, "periods": 4}, "width": 24},
        {"skip": False, "detail": ()},
        {"fusion": "conv", "upsample": 2},
    ],
    ids=["registers", "dinov3", "no skips", "conv"],
)
def test_other_designs(backend: TorchBackend, images: Images, tmp_path: Path, changes: dict) -> None:
    config = backend.network.config
    encoder = dataclasses.replace(config.backbone, **changes.pop("backbone", {}))
    changed = dataclasses.replace(config, backbone=encoder, **changes)
    network = type(backend.network)(changed).eval().requires_grad_(False)
    generator = torch.Generator().manual_seed(3)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2, generator=generator)
    done = export_model(TorchBackend(network, name="toy", device="cpu"), tmp_path / "out", images)
    assert done.found.difference <= 1e-3
