"""Encoded images kept on disk, so that a photo that was encoded once opens at once."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from skipclick.backend.protocol import Features, StoringBackend, precision_of
from skipclick.errors import ModelError
from skipclick.prompt import Prompt

Storage: TypeAlias = Literal["float32", "float16"]
"""How numbers are kept on disk: exactly, or in half the space."""

_SUFFIX = ".features"
_PART = ".part"
_PART_AGE = 3600.0
"""Seconds after which a half-written file has been given up by whoever wrote it."""

_LARGEST_HALF = float(np.finfo(np.float16).max)


class CachedBackend:
    """A model whose features are kept in a folder; for the rest, the model itself.

    A file's name is a hash of the image's numbers, the model's fingerprint and the storage, so nothing stale
    is ever found. Any number of processes may share a folder: files appear whole or not at all, and what one
    process removes is encoded again by another.

    Args:
        model: the model.
        folder: where to keep them; made if need be.
        limit: bytes that all files together may take. When they are more, those go that were not used for the
            longest time.
        storage: "float16" halves files, and answers then differ a little from those without a cache; the
            fingerprint says so.

    Raises:
        ModelError: the folder cannot be made, or there is no such storage.
    """

    def __init__(
        self, model: StoringBackend, folder: Path, *, limit: int = 4 << 30, storage: Storage = "float32"
    ) -> None:
        if storage not in ("float32", "float16"):
            raise ModelError(f"features are stored as float32 or float16, not as {storage!r}")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ModelError(f"{folder} cannot keep features: {error.strerror or error}") from error
        self._model = model
        self._folder = folder
        self._limit = limit
        self._storage = storage

    @property
    def name(self) -> str:
        """What the model is called."""
        return self._model.name

    @property
    def fingerprint(self) -> str:
        """The model's, and the storage if it is not exact."""
        exact = self._storage == "float32"
        return self._model.fingerprint if exact else f"{self._model.fingerprint}-{self._storage}"

    @property
    def stride(self) -> int:
        """Patch size."""
        return self._model.stride

    @property
    def device(self) -> str:
        """Where the model runs."""
        return self._model.device

    @property
    def precision(self) -> str:
        """Of the model's arithmetic; that of the stored features may be less."""
        return precision_of(self._model)

    def encode(self, images: NDArray[np.float32]) -> Features:
        """See `Backend.encode`; the same images are encoded once only."""
        path = self._folder / f"{self._key(images)}{_SUFFIX}"
        stored = self._read(path, images)
        if stored is not None:
            return stored
        features = self._model.encode(images)
        arrays = {name: self._pack(x) for name, x in self._model.features_to_arrays(features).items()}
        # A full disk makes it slow, not wrong.
        with contextlib.suppress(OSError):
            self._write(path, arrays)
        if self._storage == "float32":
            return features
        # The first answer is the same as all later ones.
        return self._unpack(arrays, features.size)

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        """See `Backend.decode`."""
        return self._model.decode(features, prompts)

    def _key(self, images: NDArray[np.float32]) -> str:
        digest = hashlib.sha256(f"{self.fingerprint} {images.shape} {images.dtype}".encode())
        digest.update(np.ascontiguousarray(images).data)
        return digest.hexdigest()

    def _pack(self, array: NDArray[np.float32]) -> NDArray[np.floating]:
        if self._storage == "float32" or np.abs(array).max(initial=0.0) > _LARGEST_HALF:
            return array
        return array.astype(np.float16)

    def _unpack(self, arrays: Mapping[str, NDArray[np.floating]], size: tuple[int, int]) -> Features:
        whole = {name: array.astype(np.float32, copy=False) for name, array in arrays.items()}
        return self._model.features_from_arrays(whole, size)

    def _read(self, path: Path, images: NDArray[np.float32]) -> Features | None:
        """Stored features, or None where there are none that can be used."""
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            arrays = load(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, SafetensorError):
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        try:
            return self._unpack(arrays, (images.shape[2], images.shape[3]))
        except ModelError:  # of a version of ours with other features
            return None

    def _write(self, path: Path, arrays: Mapping[str, NDArray[np.floating]]) -> None:
        from safetensors.numpy import save

        content = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
        if len(content) > self._limit:
            return
        part = path.with_name(f".{path.stem}.{secrets.token_hex(4)}{_PART}")
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        self._make_room()

    def _make_room(self) -> None:
        """Remove what was not used for the longest time until the rest is within the limit."""
        found: list[tuple[float, int, Path]] = []
        for path in self._folder.iterdir():
            # Another process may remove any of them at any moment.
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                if path.suffix == _SUFFIX:
                    found.append((status.st_mtime, status.st_size, path))
                elif path.suffix == _PART and time.time() - status.st_mtime > _PART_AGE:
                    path.unlink()
        excess = sum(size for _, size, _ in found) - self._limit
        for _, size, path in sorted(found):
            if excess <= 0:
                break
            path.unlink(missing_ok=True)
            excess -= size
