"""From whatever names a model to a back end, in the precision asked for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import torch

from skipclick.backend.loading import PRECISIONS, automatic_precision, load_model, require_torch
from skipclick.backend.torch import TorchBackend
from skipclick.errors import ModelError
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.model.skipclick import SkipClick
from skipclick.weights.files import save_model_file

ENCODER = BackboneConfig("dinov2", 14, 24, 2, heads=3, hidden=48, grid=4)
CONFIG = ModelConfig(
    ENCODER, taps=(1,), skip=False, width=24, depth=1, heads=3, hidden=48, pyramid=(8, 8, 8, 8), head=8
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model") / "toy.safetensors"
    save_model_file(path, CONFIG, SkipClick(CONFIG).state_dict())
    return str(path)


@pytest.mark.parametrize(
    ("precision", "expected"), [(None, "float32"), ("float32", "float32"), ("bf16", "bf16")]
)
def test_precisions(file: str, precision: str, expected: str) -> None:
    model = load_model(file, device="cpu", precision=precision)  # type: ignore[arg-type]
    assert isinstance(model, TorchBackend)
    assert model.precision == expected
    dtypes = {parameter.dtype for parameter in model.network.parameters()}
    assert dtypes == ({torch.bfloat16, torch.float32} if expected == "bf16" else {torch.float32})


def test_another_precision_is_another_fingerprint(file: str) -> None:
    prints = {load_model(file, device="cpu", precision=p).fingerprint for p in (None, "float32", "bf16")}
    assert len(prints) == 2


@pytest.mark.parametrize(("instructions", "expected"), [(True, "bf16"), (False, "float32")])
def test_auto_is_what_the_device_has_instructions_for(
    file: str, instructions: bool, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[torch.device] = []

    def has_bf16(device: torch.device) -> bool:
        asked.append(device)
        return instructions

    monkeypatch.setattr("skipclick.backend.torch.has_bf16", has_bf16)
    assert automatic_precision(file, "cpu") == expected
    assert load_model(file, device="cpu", precision="auto").precision == expected  # type: ignore[attr-defined]
    assert asked == [torch.device("cpu")] * 2
    assert load_model(file, device="cpu").precision == "float32"  # type: ignore[attr-defined]


def test_an_exported_model_has_but_one_precision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "click.onnx").touch()
    monkeypatch.setattr("skipclick.backend.torch.has_bf16", lambda _device: True)
    assert automatic_precision(tmp_path) is None


def test_auto_on_a_device_that_is_not_there(file: str) -> None:
    with pytest.raises(ModelError, match="cuda:99"):
        automatic_precision(file, "cuda:99")


def test_int8_says_how_to_get_it(file: str) -> None:
    with pytest.raises(ModelError, match=r"skipclick export .*toy\.safetensors -o FOLDER --precision int8"):
        load_model(file, precision="int8")


def test_an_unknown_precision(file: str) -> None:
    with pytest.raises(ModelError, match="float32, bf16, int8"):
        load_model(file, precision="fp4")  # type: ignore[arg-type]
    assert PRECISIONS[0] == "auto"


def test_an_empty_name_is_not_the_folder_that_one_is_in() -> None:
    with pytest.raises(ModelError):
        load_model("")


def test_without_pytorch_one_line_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "torch"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ModelError) as caught:
        load_model("skipclick-s")
    for part in ("skipclick-s", 'pip install "skipclick[torch]"', "skipclick export"):
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_with_pytorch_nothing_is_said() -> None:
    require_torch("anything")


@pytest.mark.parametrize(
    ("system", "given", "expected"), [("darwin", None, "1"), ("darwin", "0", "0"), ("linux", None, None)]
)
def test_a_mac_computes_on_the_cpu_what_its_gpu_cannot(
    system: str, given: str | None, expected: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "PYTORCH_ENABLE_MPS_FALLBACK"
    # Set first, so that whatever is set in its place is taken back.
    monkeypatch.setenv(name, given or "")
    if given is None:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "platform", system)
    require_torch("anything")
    assert os.environ.get(name) == expected
