"""From a name or a file to a model that answers."""

from __future__ import annotations

from os import PathLike

from skipclick.backend.protocol import Backend


def load_model(source: str | PathLike[str] = "skipclick-s", *, device: str = "auto") -> Backend:
    """Load a model.

    Args:
        source: the name of an embedded or published model (`skipclick models` lists them), a published
            `.pth` checkpoint, our `.safetensors`, a folder in Hugging Face layout, or a Hugging Face
            repository "owner/name".
        device: "auto" (CUDA if there is one, then MPS, then the CPU), "cpu", "cuda", "cuda:1" or "mps".

    Raises:
        ModelError: nothing can be loaded from the source; the message says what can be.
    """
    # PyTorch takes a second to import: only who loads a model pays for it.
    from skipclick.backend.torch import TorchBackend, build_network
    from skipclick.weights.loading import load_weights

    config, state, name = load_weights(source)
    return TorchBackend(build_network(config, state, name), name=name, device=device)
