"""The masks that an evaluation ended with, as files that another one can begin from."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.evaluation.protocol import EvaluationError
from skipclick.evaluation.starts import mask_names
from skipclick.evaluation.trace import as_json
from skipclick.evaluation.trace_file import write_whole

SIGN = "skipclick-masks.json"
"""The file that says what the masks beside it are of, by which a folder of ours is known."""


def open_mask_folder(folder: Path, identity: Mapping[str, Any]) -> None:
    """Make a folder for masks, or make sure that it is one of the same evaluation.

    Args:
        folder: the folder; it need not exist.
        identity: what is evaluated, see `TraceHeader`.

    Raises:
        EvaluationError: there are other files in it, or masks of something else, or it cannot be made.
    """
    sign, said = folder / SIGN, as_json(identity)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if sign.is_file():
            if _said(sign) != said:
                raise EvaluationError(f"{folder} holds masks of another evaluation: choose another folder")
        elif any(file.suffix != ".tmp" for file in folder.iterdir()):
            raise EvaluationError(f"{folder} holds other files: choose another folder for the masks")
        else:
            write_whole(sign, json.dumps(said, indent=2) + "\n")
    except OSError as error:
        raise EvaluationError(f"cannot write masks into {folder}: {error.strerror or error}") from error


def mask_file(folder: Path, sample: str, object_id: int, *, alone: bool) -> Path:
    """Where the mask of an object is kept; see `mask_names`."""
    return folder / mask_names(sample, object_id, alone=alone)[0]


def save_mask(
    folder: Path,
    sample: str,
    object_id: int,
    mask: NDArray[np.bool_],
    *,
    alone: bool,
    others: Collection[str] = (),
) -> None:
    """Write a mask in one piece, 255 in the object and 0 around it.

    Args:
        folder: see `open_mask_folder`.
        sample: the sample's name; a name with "/" means a folder inside.
        object_id: the object's id within the sample.
        mask: (H, W) bool.
        alone: whether the sample has no other object.
        others: samples whose own masks have such names; see `lookalikes`.

    Raises:
        EvaluationError: the file cannot be written, or another sample's mask would have its name.
    """
    file = mask_file(folder, sample, object_id, alone=alone)
    if file.relative_to(folder).with_suffix("").as_posix() in others:
        raise EvaluationError(
            f"{file.name} would be the mask of object {object_id} of {sample} and of another image: rename "
            "one of the two images"
        )
    part = file.with_name(f"{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("wb") as stream:
                Image.fromarray(mask.astype(np.uint8) * np.uint8(255)).save(stream, format="PNG")
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise EvaluationError(f"cannot write {file}: {error.strerror or error}") from error


def _said(sign: Path) -> Any:
    try:
        return json.loads(sign.read_text(encoding="utf-8"))
    except ValueError:
        return None
