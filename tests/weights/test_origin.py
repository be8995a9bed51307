"""Where weights come from, as far as it is known."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from skipclick.errors import ModelError
from skipclick.model.config import MODELS
from skipclick.weights import pretrained, registry
from skipclick.weights.files import file_metadata, save_model_file, write_tensors
from skipclick.weights.origin import origin_of
from skipclick.weights.pretrained import save_pretrained

CONFIG = MODELS["skipclick-s"]
STATE = {"layer": torch.zeros(2)}


def test_our_files_say_it_themselves(tmp_path: Path) -> None:
    file = tmp_path / "m.safetensors"
    save_model_file(file, CONFIG, STATE, metadata={"licence": "MIT", "steps": "7"})
    assert origin_of(file) == origin_of(str(file)) == {"licence": "MIT", "steps": "7"}


def test_files_of_others_say_nothing(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "m.safetensors")
    assert origin_of(tmp_path / "m.safetensors") == {}
    (tmp_path / "m.pth").write_bytes(b"not read")
    assert origin_of(tmp_path / "m.pth") == {}


def test_a_model_folder_and_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_pretrained(tmp_path / "mine", CONFIG, STATE, licence="apache-2.0")
    assert origin_of(tmp_path / "mine") == {"licence": "apache-2.0"}
    monkeypatch.setattr(pretrained, "hub_file", lambda repository, name: tmp_path / "mine" / name)
    assert origin_of("org/mine") == {"licence": "apache-2.0"}


def test_a_folder_of_an_encoder_says_nothing(tmp_path: Path) -> None:
    save_file(STATE, tmp_path / "part-1.safetensors", metadata={"licence": "MIT"})
    assert origin_of(tmp_path) == {}


def test_a_name_of_the_registry() -> None:
    assert origin_of("skip") == {
        "licence": "not stated by the authors",
        "source": "the paper's authors",
        "note": "checksum not published",
    }
    assert origin_of("dinov3_vitb16")["licence"] == "DINOv3 License"


def test_an_encoder_in_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "embedded_folder", lambda: tmp_path)
    about = {"licence": "old", "backbone": "elsewhere", "training": "on photos"}
    save_model_file(tmp_path / "skipclick-s.safetensors", CONFIG, STATE, metadata=about)
    encoder = {"licence": "Apache-2.0 (Meta)", "source": "a wheel", "format": "skipclick-backbone-1"}
    write_tensors(tmp_path / "dinov2_vits14.safetensors", STATE, encoder)
    assert origin_of("skipclick-s") == {
        "training": "on photos",
        "licence": "Apache-2.0",
        "source": "the skipclick team",
        "note": registry.find("skipclick-s").note,
        "encoder_licence": "Apache-2.0 (Meta)",
        "encoder_source": "a wheel",
    }


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not exist"):
        file_metadata(tmp_path / "gone.safetensors")
    (tmp_path / "m.safetensors").write_bytes(b"nonsense")
    with pytest.raises(ModelError, match="cannot be read as a safetensors file"):
        origin_of(tmp_path / "m.safetensors")
