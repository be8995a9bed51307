"""Our own weight files."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import save_file

from skipclick.errors import ModelError
from skipclick.model.config import MODELS, ModelConfig, skipclick
from skipclick.weights.files import (
    as_float32,
    check_state,
    expected_shapes,
    load_model_file,
    read_tensors,
    replacing,
    save_model_file,
    write_tensors,
)

CONFIG = skipclick("dinov2_vits14", depth=2)


def state(count: int = 40) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {f"layer{index}": torch.randn(2, 3, generator=generator) for index in range(count)}


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_model_file(path, CONFIG, state(), metadata={"trained on": "photos"})
    config, loaded = load_model_file(path)
    assert config == CONFIG
    assert loaded.keys() == state().keys()
    assert all(torch.equal(loaded[name], tensor) for name, tensor in state().items())
    with safe_open(path, framework="pt") as file:
        assert file.metadata()["format"] == "skipclick-1"
        assert file.metadata()["trained on"] == "photos"


@pytest.mark.parametrize("name", MODELS)
def test_every_configuration_travels(name: str, tmp_path: Path) -> None:
    save_model_file(tmp_path / "m.safetensors", MODELS[name], state())
    assert load_model_file(tmp_path / "m.safetensors")[0] == MODELS[name]


def test_half_precision_keeps_vectors_whole(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    content = {**state(), "matrix": torch.tensor([[1 / 3]]), "scale": torch.tensor([1e-6, 1 / 3])}
    save_model_file(path, CONFIG, content, dtype="float16")
    with safe_open(path, framework="pt") as file:
        assert file.get_tensor("matrix").dtype is torch.float16
        assert file.get_tensor("scale").dtype is torch.float32
    _, loaded = load_model_file(path)
    assert {tensor.dtype for tensor in loaded.values()} == {torch.float32}
    assert torch.equal(loaded["matrix"], content["matrix"].half().float())
    assert torch.equal(loaded["scale"], content["scale"])


def test_half_precision_refuses_what_does_not_fit(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    with pytest.raises(ModelError, match="'big' holds numbers too large"):
        save_model_file(path, CONFIG, {**state(), "big": torch.tensor([[1e6]])}, dtype="float16")
    assert not list(tmp_path.iterdir())


def test_views_parameters_and_half_tensors_can_be_saved(tmp_path: Path) -> None:
    base = torch.arange(12.0)
    content = {
        **state(),
        "a": base,
        "b": base[2:8].view(2, 3).T,
        "c": torch.nn.Parameter(base),
        "d": base.half(),
    }
    save_model_file(tmp_path / "m.safetensors", CONFIG, content)
    _, loaded = load_model_file(tmp_path / "m.safetensors")
    for name, tensor in content.items():
        assert torch.equal(loaded[name], tensor.detach().float())


def test_foreign_and_damaged_files(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    with pytest.raises(ModelError, match="does not exist"):
        load_model_file(path)
    path.write_bytes(b"not a safetensors file at all")
    with pytest.raises(ModelError, match="cannot be read"):
        load_model_file(path)
    save_file(state(), path)
    with pytest.raises(ModelError, match="not a skipclick model"):
        load_model_file(path)
    save_file(state(), path, metadata={"skipclick_config": CONFIG.to_json(), "format": "skipclick-9"})
    with pytest.raises(ModelError, match=r"'skipclick-9'.*update"):
        load_model_file(path)
    save_file(state(), path, metadata={"skipclick_config": "{}", "format": "skipclick-1"})
    with pytest.raises(ModelError, match="configuration"):
        load_model_file(path)
    save_file(
        {"a": torch.arange(3)}, path, metadata={"skipclick_config": CONFIG.to_json(), "format": "skipclick-1"}
    )
    with pytest.raises(ModelError, match=r"'a'.*real numbers"):
        load_model_file(path)


@pytest.mark.parametrize(
    ("depth", "complaint"),
    [(10**9, f"announces {10**9} blocks"), (0, "depth must be a whole number from 1, not 0"), (-1, "not -1")],
)
def test_an_absurd_number_of_blocks_is_refused_at_once(depth: int, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    text = skipclick("dinov2_vits14").to_json().replace('"depth":4', f'"depth":{depth}')
    save_file(state(), path, metadata={"skipclick_config": text, "format": "skipclick-1"})
    with pytest.raises(ModelError, match=complaint):
        load_model_file(path)


def test_a_truncated_file(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save_model_file(path, CONFIG, state())
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(ModelError, match="cannot be read"):
        load_model_file(path)


def test_what_was_there_survives_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.safetensors"
    save_model_file(path, CONFIG, state())
    before = path.read_bytes()

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("skipclick.weights.files.save_file", fail)
    with pytest.raises(ModelError, match=r"cannot be written.*No space"):
        save_model_file(path, CONFIG, {"other": torch.zeros(1)})
    assert path.read_bytes() == before
    assert [item.name for item in tmp_path.iterdir()] == ["m.safetensors"]


def test_writing_into_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be written"):
        save_model_file(tmp_path / "none" / "m.safetensors", CONFIG, state())


def test_files_have_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_tensors(tmp_path / "m.safetensors", state(), {})
    usual, ours = ((tmp_path / name).stat().st_mode for name in ("usual", "m.safetensors"))
    assert stat.S_IMODE(ours) == stat.S_IMODE(usual)


def test_the_scratch_file_replaces_or_vanishes(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with replacing(path) as scratch:
        scratch.write_text("one")
        assert not path.exists()
    assert path.read_text() == "one"
    with contextlib.suppress(KeyError), replacing(path) as scratch:
        scratch.write_text("two")
        raise KeyError
    assert path.read_text() == "one"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_metadata_comes_with_the_tensors(tmp_path: Path) -> None:
    write_tensors(tmp_path / "a.safetensors", {"x": torch.ones(2)}, {"who": "me"})
    tensors, metadata = read_tensors(tmp_path / "a.safetensors")
    assert metadata == {"who": "me"}
    assert tensors["x"].tolist() == [1, 1]


def test_real_numbers_only() -> None:
    assert as_float32({"a": torch.ones(2).double()}, "f")["a"].dtype is torch.float32
    for value in (torch.arange(3), "text", None, torch.ones(1) > 0):
        with pytest.raises(ModelError, match="f holds 'a'"):
            as_float32({"a": value}, "f")


SHAPES = {"a": (1, 2), "b": (3,), "c": (), "d": (2, 2)}


def fitting() -> dict[str, torch.Tensor]:
    return {name: torch.zeros(shape) for name, shape in SHAPES.items()}


def test_a_fitting_state_passes() -> None:
    check_state(SHAPES, fitting(), "f")


def test_what_does_not_fit_is_named_and_counted() -> None:
    given_state = fitting()
    del given_state["a"], given_state["b"]
    given_state["d"] = torch.zeros(4)
    given_state |= {f"x{index}": torch.zeros(1) for index in range(5)}
    with pytest.raises(ModelError) as caught:
        check_state(SHAPES, given_state, "m.pth")
    assert str(caught.value) == (
        "m.pth does not fit its network: tensors 2 missing ('a', 'b'), 5 surplus ('x0', 'x1', 'x2', …), "
        "1 of another shape ('d' is (4,), not (2, 2))"
    )


@given(st.text(min_size=1))
def test_hostile_names_stay_on_one_line(name: str) -> None:
    if name in SHAPES:
        return
    with pytest.raises(ModelError) as caught:
        check_state(SHAPES, {**fitting(), name: torch.zeros(1)}, "f")
    assert len(str(caught.value).splitlines()) == 1


# Specification 2.11: keys of each network's state dict, and parameters without buffers.
COUNTS = {
    "baseline": (287, 126_589_505),
    "frozen": (287, 126_589_505),
    "intermediate": (289, 128_949_569),
    "skip": (289, 153_164_417),
    "skip-depth2": (265, 138_988_673),
    "skip-depth3": (277, 146_076_545),
    "skip-depth5": (301, 160_252_289),
    "skip-depth6": (313, 167_340_161),
    "skip-conv": (320, 150_519_425),
    "skip-vits": (289, 40_781_249),
    "skip-vitl": (457, 419_570_433),
    "intermediate-vitg": (681, 1_300_450_609),
    "skip-dinov3-vitb": (301, 152_204_417),
}


@pytest.mark.parametrize("name", COUNTS)
def test_expected_shapes_are_those_of_the_specification(name: str) -> None:
    shapes = expected_shapes(MODELS[name])
    parameters = sum(
        int(torch.tensor(shape).prod())
        for key, shape in shapes.items()
        if not key.endswith(("periods", "bias_mask"))
    )
    assert (len(shapes), parameters) == COUNTS[name]


def test_an_impossible_network_is_a_model_error() -> None:
    config = ModelConfig(CONFIG.backbone, width=10**18, hidden=10**18, heads=1)
    with pytest.raises(ModelError, match="no network can have"):
        expected_shapes(config)
