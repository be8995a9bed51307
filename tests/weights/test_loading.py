"""From whatever names a model to its weights."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch

from skipclick.errors import DownloadError, ModelError
from skipclick.model.config import BackboneConfig, ModelConfig
from skipclick.weights import registry
from skipclick.weights.files import check_state, expected_shapes, save_model_file, write_tensors
from skipclick.weights.loading import load_weights
from skipclick.weights.pretrained import save_pretrained
from skipclick.weights.published import write_published

CONFIG = ModelConfig(
    BackboneConfig("dinov2", 2, 192, 12, heads=6, hidden=192, registers=4, grid=3),
    width=192,
    hidden=192,
    heads=4,
    depth=1,
    grid=4,
    pyramid=(8, 8, 16, 16),
    head=8,
)


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(5)
    return {name: torch.randn(shape, generator=generator) for name, shape in expected_shapes(CONFIG).items()}


def assert_loaded(source: Path | str, name: str, state: dict[str, torch.Tensor]) -> None:
    config, loaded, found = load_weights(source)
    assert found == name
    assert (config.taps, config.width, config.depth) == (CONFIG.taps, CONFIG.width, CONFIG.depth)
    check_state(expected_shapes(config), loaded, str(source))
    assert all(torch.equal(loaded[key], tensor) for key, tensor in state.items())


@pytest.mark.parametrize("suffix", [".pth", ".pt", ".PTH"])
def test_a_published_checkpoint(suffix: str, state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    path = tmp_path / f"mine{suffix}"
    write_published(path, CONFIG, state)
    assert_loaded(path, "mine", state)
    assert_loaded(str(path), "mine", state)


def test_our_own_file(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    save_model_file(tmp_path / "mine.safetensors", CONFIG, state)
    assert_loaded(tmp_path / "mine.safetensors", "mine", state)


def test_a_model_folder(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    save_pretrained(tmp_path / "mine", CONFIG, state, licence="other")
    assert_loaded(tmp_path / "mine", "mine", state)


def test_a_repository(
    state: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_pretrained(tmp_path, CONFIG, state, licence="other")
    monkeypatch.setattr("skipclick.weights.pretrained.hub_file", lambda repository, name: tmp_path / name)
    assert_loaded("org/mine", "org/mine", state)


def test_a_name_goes_before_a_folder_of_that_name(
    state: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SKIPCLICK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("SKIPCLICK_OFFLINE", "1")
    save_pretrained(tmp_path / "skip", CONFIG, state, licence="other")
    with pytest.raises(DownloadError, match="switched off"):
        load_weights("skip")
    assert_loaded("./skip", "skip", state)
    assert_loaded(Path("skip"), "skip", state)


def test_a_published_name_is_read_from_the_cache(
    state: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SKIPCLICK_CACHE", str(tmp_path))
    write_published(tmp_path / "skipclick-skip.pth", CONFIG, state)
    assert_loaded("skip", "skip", state)


def test_the_two_files_of_an_embedded_model_are_joined(
    state: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Heads of 64 channels: as an encoder file tells no heads, its configuration is the decoder's."""
    config = dataclasses.replace(CONFIG, backbone=dataclasses.replace(CONFIG.backbone, heads=3))
    prefix = "backbone."
    encoder = {key.removeprefix(prefix): value for key, value in state.items() if key.startswith(prefix)}
    del encoder["mask_token"]
    decoder = {key: value for key, value in state.items() if not key.startswith(prefix)}
    save_model_file(tmp_path / "skipclick-s.safetensors", config, decoder)
    half = {key: value.half() for key, value in encoder.items()}
    write_tensors(tmp_path / "dinov2_vits14.safetensors", half, {"format": "skipclick-backbone-1"})
    monkeypatch.setattr(registry, "embedded_folder", lambda: tmp_path)

    read, loaded, name = load_weights("skipclick-s")
    assert (read, name) == (config, "skipclick-s")
    check_state(expected_shapes(config), loaded, name)
    assert torch.equal(loaded["backbone.norm.weight"], state["backbone.norm.weight"].half().float())
    assert torch.equal(loaded["head.mix.weight"], state["head.mix.weight"])
    assert not loaded["backbone.mask_token"].any()


def test_the_embedded_model_is_complete() -> None:
    config, state, _ = load_weights("skipclick-s")
    check_state(expected_shapes(config), state, "skipclick-s")


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("skipp", r"no model is called 'skipp' \(did you mean skip"),
        ("nothing like it", "no model is called 'nothing like it': use skipclick-s"),
        ("", "no model is called ''"),
        ("a/b/c", "no model is called 'a/b/c'"),
        ("dinov2_vitb14_reg", "encoder alone"),
        ("skip-depth2", "nobody publishes weights of 'skip-depth2'"),
        ("none.pth", "none.pth does not exist"),
        ("none.safetensors", "none.safetensors does not exist"),
        (Path("skip"), "^skip does not exist"),
    ],
)
def test_what_is_no_model(
    source: Path | str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelError, match=complaint) as caught:
        load_weights(source)
    assert "\n" not in str(caught.value)


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").touch()
    with pytest.raises(ModelError, match=r"photo\.jpg is not a model file"):
        load_weights(tmp_path / "photo.jpg")


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"config\.json does not exist"):
        load_weights(tmp_path)


def test_progress_reaches_the_download(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def obtain(entry: registry.Entry, *, progress: object = None) -> tuple[Path, ...]:
        given.append(progress)
        raise DownloadError("enough")

    monkeypatch.setattr(registry, "obtain", obtain)

    def progress(done: int, total: int | None) -> None:
        raise AssertionError

    with pytest.raises(DownloadError, match="enough"):
        load_weights("skip", progress=progress)
    assert given == [progress]
