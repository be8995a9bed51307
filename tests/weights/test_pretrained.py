"""Hugging Face's layout."""

from __future__ import annotations

import json
from pathlib import Path

import huggingface_hub
import pytest
import torch

from skipclick.errors import DownloadError, ModelError
from skipclick.model.config import skipclick
from skipclick.weights.files import load_model_file
from skipclick.weights.pretrained import from_pretrained, hub_file, is_repository, save_pretrained

CONFIG = skipclick("dinov2_vits14", depth=2)
STATE = {f"layer{index}": torch.full((2, 2), float(index)) for index in range(20)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "my-model"
    save_pretrained(path, CONFIG, STATE, licence="apache-2.0")
    return path


def test_a_folder_comes_back(folder: Path) -> None:
    config, state = from_pretrained(folder)
    assert config == CONFIG
    assert state.keys() == STATE.keys()
    assert all(torch.equal(state[name], tensor) for name, tensor in STATE.items())


def test_the_layout_is_hugging_faces(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "config.json", "model.safetensors"]
    content = json.loads((folder / "config.json").read_text())
    assert content["model_type"] == "skipclick"
    assert content["config"]["backbone"]["width"] == 384
    # The weights alone are a model file as well.
    assert load_model_file(folder / "model.safetensors")[0] == CONFIG
    card = (folder / "README.md").read_text()
    assert card.startswith("---\nlicense: apache-2.0\n")
    assert "# my-model" in card


def test_a_model_card_of_the_users_own_is_kept(folder: Path) -> None:
    (folder / "README.md").write_text("my words")
    save_pretrained(folder, CONFIG, STATE, licence="other")
    assert (folder / "README.md").read_text() == "my words"


def test_half_precision(tmp_path: Path) -> None:
    save_pretrained(tmp_path / "half", CONFIG, STATE, licence="other", dtype="float16")
    save_pretrained(tmp_path / "full", CONFIG, STATE, licence="other")
    half, full = ((tmp_path / name / "model.safetensors").stat().st_size for name in ("half", "full"))
    assert full - half >= sum(tensor.numel() * 2 for tensor in STATE.values())
    assert torch.equal(from_pretrained(tmp_path / "half")[1]["layer3"], STATE["layer3"])


@pytest.mark.parametrize("licence", ["", "two words", "a\nb: c"])
def test_a_licence_is_a_tag(licence: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="licence tag"):
        save_pretrained(tmp_path, CONFIG, STATE, licence=licence)


def test_a_file_in_the_folders_place(tmp_path: Path) -> None:
    (tmp_path / "taken").touch()
    with pytest.raises(ModelError, match="cannot be written"):
        save_pretrained(tmp_path / "taken", CONFIG, STATE, licence="other")


@pytest.mark.parametrize("name", ["config.json", "model.safetensors"])
def test_missing_files_are_named(name: str, folder: Path) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelError, match=f"{name} does not exist"):
        from_pretrained(folder)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "cannot be read"),
        ("[]", "does not describe"),
        ('{"model_type": "dinov2"}', "does not describe"),
        ('{"format": "skipclick-9", "config": {}}', "does not describe"),
        ('{"format": "skipclick-1", "config": {}}', "configuration cannot be read"),
        ('{"format": "skipclick-1", "config": 3}', "configuration cannot be read"),
    ],
)
def test_other_configurations(text: str, complaint: str, folder: Path) -> None:
    (folder / "config.json").write_text(text)
    with pytest.raises(ModelError, match=complaint):
        from_pretrained(folder)


@pytest.mark.parametrize("text", ["facebook/dinov2-small", "a/b", "org_1/name.v2"])
def test_repositories(text: str) -> None:
    assert is_repository(text)


@pytest.mark.parametrize(
    "text", ["", "name", "a/b/c", "/a", "a/", "./a", "../a", "a b/c", "a/b\n", "~/a", "ä/b"]
)
def test_what_is_no_repository(text: str) -> None:
    assert not is_repository(text)


def test_a_repository_is_read_like_a_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def download(repository: str, name: str, *, local_files_only: bool) -> str:
        asked.append((repository, name, local_files_only))
        return str(folder / name)

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", download)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("SKIPCLICK_OFFLINE", raising=False)
    assert from_pretrained("org/my-model")[0] == CONFIG
    monkeypatch.setenv("SKIPCLICK_OFFLINE", "1")
    from_pretrained("org/my-model")
    assert asked == [
        ("org/my-model", "config.json", False),
        ("org/my-model", "model.safetensors", False),
        ("org/my-model", "config.json", True),
        ("org/my-model", "model.safetensors", True),
    ]


def test_errors_of_the_hub_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> str:
        raise ConnectionError("cannot resolve host\n\nlong\nexplanation")

    monkeypatch.setattr(huggingface_hub, "hf_hub_download", fail)
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("SKIPCLICK_OFFLINE", raising=False)
    with pytest.raises(DownloadError, match=r"org/name.*\(ConnectionError: cannot resolve host\)$"):
        hub_file("org/name", "config.json")


def test_offline_means_the_hubs_cache_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SKIPCLICK_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(DownloadError, match="switched off"):
        hub_file("org/name", "config.json")


def test_neither_folder_nor_repository(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="neither a folder nor"):
        from_pretrained(tmp_path / "none")
