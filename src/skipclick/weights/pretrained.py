"""Hugging Face's layout: a folder, or a repository, with config.json and model.safetensors."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Literal

from torch import Tensor

from skipclick.errors import DownloadError, ModelError
from skipclick.model.config import ModelConfig
from skipclick.weights.download import offline
from skipclick.weights.files import FORMAT, State, read_config, read_tensors, replacing, save_model_file

CONFIG = "config.json"
WEIGHTS = "model.safetensors"
CARD = "README.md"

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*", re.ASCII)


def save_pretrained(
    folder: Path | str,
    config: ModelConfig,
    state: Mapping[str, Tensor],
    *,
    licence: str,
    dtype: Literal["float32", "float16"] = "float32",
) -> None:
    """Write a folder that can be uploaded to the Hugging Face Hub as it is.

    A model card that is already there stays as it is.

    Args:
        folder: made if need be.
        config: the network.
        state: tensors under our names.
        licence: the Hub's tag of the weights' licence, such as "apache-2.0" or "other".
        dtype: as in `save_model_file`.

    Raises:
        ModelError: the folder cannot be written, or a number does not fit into float16.
    """
    folder = Path(folder)
    if not re.fullmatch(r"[\w.-]+", licence):
        raise ModelError(f"{licence!r} is not a licence tag: give one such as apache-2.0 or other")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_model_file(folder / WEIGHTS, config, state, dtype=dtype, metadata={"licence": licence})
        content = {"model_type": "skipclick", "format": FORMAT, "config": json.loads(config.to_json())}
        with replacing(folder / CONFIG) as scratch:
            scratch.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
        if not (folder / CARD).exists():
            with replacing(folder / CARD) as scratch:
                scratch.write_text(_card(folder.resolve().name, licence), encoding="utf-8")
    except OSError as error:
        raise ModelError(f"{folder} cannot be written: {error.strerror or error}") from error


def from_pretrained(source: Path | str) -> tuple[ModelConfig, State]:
    """Read such a folder, or such a repository "org/name" of the Hub.

    Returns:
        The configuration, and the tensors on the CPU as float32.

    Raises:
        ModelError: files are missing or damaged.
        DownloadError: the repository cannot be reached, or does not exist.
    """
    config_file = _file(source, CONFIG)
    text = _config_text(config_file)
    state, _ = read_tensors(weights_file(source))
    return read_config(text, state, str(config_file)), state


def weights_file(source: str | PathLike[str]) -> Path:
    """Where the tensors of such a folder or repository lie.

    Raises:
        ModelError: it is neither.
        DownloadError: the repository cannot be reached, or does not exist.
    """
    return _file(source, WEIGHTS)


def is_repository(text: str) -> bool:
    """Whether it reads like "org/name"."""
    return _REPOSITORY.fullmatch(text) is not None


def hub_file(repository: str, name: str) -> Path:
    """A file of a Hub repository, from Hugging Face's cache or fetched into it.

    Raises:
        DownloadError: it cannot be had.
    """
    import huggingface_hub

    try:
        return Path(huggingface_hub.hf_hub_download(repository, name, local_files_only=offline()))
    except Exception as error:  # Which errors leave the client depends on its version and its transport.
        if offline():
            reason = "it is not in Hugging Face's cache, and the network is switched off"
        else:
            reason = ": ".join([type(error).__name__, *str(error).strip().splitlines()[:1]])
        raise DownloadError(
            f"cannot get {name} of {repository} from the Hugging Face Hub ({reason})"
        ) from error


def _file(source: str | PathLike[str], name: str) -> Path:
    if Path(source).is_dir():
        return Path(source) / name
    if is_repository(str(source)):
        return hub_file(str(source), name)
    raise ModelError(f"{source} is neither a folder nor a Hugging Face repository")


def _config_text(path: Path) -> str:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"{path} does not exist: a model folder holds {CONFIG} and {WEIGHTS}") from error
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict) or "config" not in content or content.get("format") != FORMAT:
        raise ModelError(f"{path} does not describe a skipclick model in the format {FORMAT!r}")
    return json.dumps(content["config"])


def _card(name: str, licence: str) -> str:
    return f"""---
license: {licence}
library_name: skipclick
pipeline_tag: image-segmentation
tags:
- interactive-segmentation
---

# {name}

A click segmentation model for [skipclick](https://pypi.org/project/skipclick/).

```python
import skipclick

model = skipclick.load_model("organisation/{name}")
```

Say here what it was trained on, how well it does, and what its weights' licence asks for.
"""
