"""A bounded memory of things that are costly to make: photos, features, sessions."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class ByteCache(Generic[K, V]):
    """Keeps what was used last within a limit of bytes; for use by several threads.

    What was used last of all stays even if it alone is over the limit, so that the open image is never
    made twice.

    Args:
        limit: in bytes.
        size: how many bytes a value takes.
    """

    def __init__(self, limit: int, size: Callable[[V], int]) -> None:
        self._limit = limit
        self._size = size
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._nbytes = 0
        self._making: dict[K, threading.Event] = {}
        self._lock = threading.Lock()

    @property
    def nbytes(self) -> int:
        """Memory taken by all that is kept."""
        return self._nbytes

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: K) -> bool:
        return key in self._kept

    def get(self, key: K, make: Callable[[], V]) -> V:
        """What is kept under this key, made if it is not there.

        Whoever asks for a key while another thread makes it waits for that one; if it fails there, it is
        tried again here.

        Raises:
            Whatever `make` raises; nothing is kept then.
        """
        while True:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    return self._kept[key][0]
                other = self._making.get(key)
                if other is None:
                    mine = self._making[key] = threading.Event()
                    break
            other.wait()
        try:
            value = make()
            with self._lock:
                self._keep(key, value)
            return value
        finally:
            with self._lock:
                del self._making[key]
            mine.set()

    def put(self, key: K, value: V) -> None:
        """Keep a value under this key in place of another."""
        with self._lock:
            self._keep(key, value)

    def find(self, key: K) -> V | None:
        """What is kept under this key, or None; counts as a use."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def _keep(self, key: K, value: V) -> None:
        if key in self._kept:
            self._nbytes -= self._kept.pop(key)[1]
        size = self._size(value)
        self._kept[key] = (value, size)
        self._nbytes += size
        while self._nbytes > self._limit and len(self._kept) > 1:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._nbytes -= dropped
