"""skipclick: cut any object out of any photo with a few clicks.

An image is encoded once; each click is then answered by a small network. `load_model` gives a model,
`Session` strings clicks together on one image, `SkipClickPredictor` offers the same through the calls of
Segment Anything's predictor. Names are resolved on first use, so `import skipclick` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from skipclick.backend.loading import load_model
    from skipclick.backend.protocol import Backend
    from skipclick.encoded import EncodedImage, encode_image
    from skipclick.errors import SkipClickError
    from skipclick.image import load_image, load_mask
    from skipclick.predictor import SkipClickPredictor
    from skipclick.prompt import Click, Prompt
    from skipclick.session import Session

    __version__: str

__all__ = [
    "Backend",
    "Click",
    "EncodedImage",
    "Prompt",
    "Session",
    "SkipClickError",
    "SkipClickPredictor",
    "__version__",
    "encode_image",
    "load_image",
    "load_mask",
    "load_model",
]

_HOMES = {
    "Backend": "skipclick.backend.protocol",
    "Click": "skipclick.prompt",
    "EncodedImage": "skipclick.encoded",
    "Prompt": "skipclick.prompt",
    "Session": "skipclick.session",
    "SkipClickError": "skipclick.errors",
    "SkipClickPredictor": "skipclick.predictor",
    "encode_image": "skipclick.encoded",
    "load_image": "skipclick.image",
    "load_mask": "skipclick.image",
    "load_model": "skipclick.backend.loading",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("skipclick")
    elif name in _HOMES:
        from importlib import import_module

        value = getattr(import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'skipclick' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
