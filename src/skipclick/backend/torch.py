"""The PyTorch back end: a `SkipClick` network behind the numpy protocol."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from skipclick.backend.arrays import check_count, check_images, check_owner, pack_clicks, pack_previous
from skipclick.backend.cards import own_card
from skipclick.backend.compute_thread import in_compute_thread
from skipclick.backend.protocol import Features
from skipclick.backend.threads import thread_count
from skipclick.errors import ModelError
from skipclick.model.config import ModelConfig
from skipclick.model.dinov3 import rotary_periods
from skipclick.model.fast import FastFeatures, FastSkipClick, fast
from skipclick.model.plain import PlainSkipClick
from skipclick.model.skipclick import ImageFeatures, SkipClick
from skipclick.model.transformer import key_bias_mask
from skipclick.prompt import Prompt
from skipclick.weights.files import check_state

T = TypeVar("T")
TorchPrecision: TypeAlias = Literal["float32", "bf16"]

_DTYPES = {"float32": torch.float32, "bf16": torch.bfloat16}

_COMPILED_SLOTS = 32
"""A compiled click path is given slots for so many clicks at a time: another number means compiling again."""


@dataclass(frozen=True, slots=True, eq=False)
class TorchFeatures:
    """Encoded images on the network's device, of its fast or its plain form.

    Attributes:
        maps: the features.
        size: height and width of the encoded images, in network pixels.
        owner: the back end that made them.
    """

    maps: FastFeatures | ImageFeatures
    size: tuple[int, int]
    owner: TorchBackend

    @property
    def batch(self) -> int:
        """Number of images encoded."""
        return self.maps.fused.shape[0]

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        parts = [part if isinstance(part, tuple) else (part,) for part in self.maps]
        return sum(x.nbytes for part in parts for x in part if x is not None)


class TorchBackend:
    """A network on one device, for inference only.

    Args:
        network: the network, in float32; it is switched to eval mode and moved to the device.
        name: what to call it.
        device: "cpu", "cuda", "cuda:1", "mps", or "auto": CUDA if there is one, then MPS, then the CPU.
        precision: "float32" or "bf16"; the network's own weights are converted.
        plain: run the network as it is written, not its fast form: slower, the same but for rounding.
        compiled: on CUDA, let PyTorch compile the click path and replay it as a CUDA graph. The first clicks
            at a size then take seconds, those after them less than without.

    Raises:
        ModelError: the device does not exist here, or `compiled` without CUDA.
    """

    def __init__(
        self,
        network: SkipClick,
        *,
        name: str,
        device: str = "auto",
        precision: TorchPrecision = "float32",
        plain: bool = False,
        compiled: bool = False,
    ) -> None:
        self._device = choose_device(device)
        if compiled and (plain or self._device.type != "cuda"):
            raise ModelError(f"only the fast form on CUDA can be compiled, not on {self._device}")
        if self._device.type == "cpu" and torch.get_num_threads() > thread_count():
            torch.set_num_threads(thread_count())
        self._precision = precision
        with one_thread():
            network = network.eval().requires_grad_(False).to(self._device)
            self.network = network.round_weights(_DTYPES[precision])
            self._fast = None if plain else fast(self.network)
        self._slots = _COMPILED_SLOTS if compiled else 1
        self._decode: Callable[[FastFeatures, torch.Tensor, torch.Tensor], torch.Tensor]
        if self._fast is not None:
            decode = self._fast.decode
            self._decode = torch.compile(decode, mode="reduce-overhead") if compiled else decode
        self._name = name
        # One run at a time uses all threads; several at once would only get in each other's way.
        self._turn = threading.Lock()

    @property
    def name(self) -> str:
        """What the model is called."""
        return self._name

    @cached_property
    def fingerprint(self) -> str:
        """A short hash of the weights, in their precision."""
        digest = hashlib.sha256(self.network.config.to_json().encode())
        for name, tensor in sorted(self.network.state_dict().items()):
            digest.update(name.encode())
            digest.update(tensor.cpu().contiguous().view(torch.uint8).numpy())
        return digest.hexdigest()[:16]

    @property
    def precision(self) -> str:
        """Of the arithmetic: "float32" or "bf16"."""
        return self._precision

    @property
    def stride(self) -> int:
        """Patch size."""
        return self.network.config.patch

    @property
    def device(self) -> str:
        """Where it runs."""
        return str(self._device)

    @property
    def form(self) -> FastSkipClick:
        """The network's fast form.

        Raises:
            ModelError: this back end runs the network as it is written.
        """
        if self._fast is None:
            raise ModelError(f"{self.name} runs as it is written: load it without `plain`")
        return self._fast

    def plain_form(self) -> TorchBackend:
        """The network as the published code computes it, in float32; for comparison, with its own weights."""
        network = PlainSkipClick.of(self.network)
        return TorchBackend(network, name=f"{self.name}, plain", device=self.device, plain=True)

    def compiled(self) -> TorchBackend:
        """The same network with a compiled click path; weights are shared.

        Raises:
            ModelError: it is not on CUDA.
        """
        return TorchBackend(
            self.network, name=self.name, device=self.device, precision=self._precision, compiled=True
        )

    def encode(self, images: NDArray[np.float32]) -> Features:
        """See `Backend.encode`."""
        check_images(images, self.stride)
        return self._run(lambda: self._encode(images))

    def decode(self, features: Features, prompts: Sequence[Prompt]) -> NDArray[np.float32]:
        """See `Backend.decode`."""
        maps = self._maps(features)
        check_count(features.batch, prompts)
        return self._run(lambda: self._answer(maps, features.size, prompts))

    def _encode(self, images: NDArray[np.float32]) -> TorchFeatures:
        tensor = torch.from_numpy(np.ascontiguousarray(images)).to(self._device)
        with self._turn, torch.inference_mode(), self._arithmetic():
            maps = self.network.encode(tensor) if self._fast is None else self._fast.encode(tensor)
            finish(self._device)  # so that whoever waits for an image, or times it, waits here
        return TorchFeatures(maps, (images.shape[2], images.shape[3]), self)

    def _answer(
        self, maps: FastFeatures | ImageFeatures, size: tuple[int, int], prompts: Sequence[Prompt]
    ) -> NDArray[np.float32]:
        # MPS knows no float64; a click there may differ by the last bit of its distance.
        precision = torch.float32 if self._device.type == "mps" else torch.float64
        points = torch.from_numpy(pack_clicks(prompts, self._slots)).to(self._device, precision)
        previous = torch.from_numpy(pack_previous(prompts, size)).to(self._device, maps.fused.dtype)
        with self._turn, torch.inference_mode(), self._arithmetic():
            if isinstance(maps, FastFeatures):
                logits = self._decode(maps, points, previous)
            else:
                logits = self.network.decode(_expand(maps, len(prompts)), points, previous)
            result: NDArray[np.float32] = logits[:, 0].float().cpu().numpy()
        return result

    def features_to_arrays(self, features: Features) -> dict[str, NDArray[np.float32]]:
        """See `StoringBackend.features_to_arrays`."""
        maps = self._maps(features)
        if not isinstance(maps, FastFeatures):
            raise ModelError("only features of the fast form can be stored")
        return self._run(lambda: {name: x.float().cpu().numpy() for name, x in maps.named().items()})

    def features_from_arrays(
        self, arrays: Mapping[str, NDArray[np.float32]], size: tuple[int, int]
    ) -> Features:
        """See `StoringBackend.features_from_arrays`."""
        if self._fast is None:
            raise ModelError("only features of the fast form can be stored")
        if set(arrays) != set(self._fast.feature_names):
            raise ModelError("these stored features are of another model; encode the image again")
        maps = self._run(lambda: FastFeatures.from_named({n: self._restore(x) for n, x in arrays.items()}))
        return TorchFeatures(maps, size, self)

    def _restore(self, array: NDArray[np.float32]) -> torch.Tensor:
        # Maps lie in memory as `encode` leaves them, so that stored features give the same bits.
        layout = torch.channels_last if array.ndim == 4 else torch.contiguous_format
        return torch.from_numpy(array).to(self._device, _DTYPES[self._precision], memory_format=layout)

    def _run(self, work: Callable[[], T]) -> T:
        return in_compute_thread(work) if self._device.type == "cpu" else work()

    def _arithmetic(self) -> AbstractContextManager[None]:
        """On CUDA, keep convolutions in float32: PyTorch rounds their factors to 10 bits otherwise."""
        if self._device.type != "cuda" or self._precision != "float32":
            return contextlib.nullcontext()
        cudnn = torch.backends.cudnn
        exact: AbstractContextManager[None] = cudnn.flags(
            enabled=cudnn.enabled,
            benchmark=cudnn.benchmark,
            deterministic=cudnn.deterministic,
            allow_tf32=False,
        )
        return exact

    def _maps(self, features: Features) -> FastFeatures | ImageFeatures:
        """The features that this form of the network made.

        Raises:
            ModelError: they come from elsewhere.
        """
        if not isinstance(features, TorchFeatures):
            raise ModelError("these features come from another back end; encode the image with this model")
        if isinstance(features.maps, FastFeatures) is (self._fast is None):
            raise ModelError("these features are of the network's other form; encode the image again")
        check_owner(features.owner, self)
        return features.maps


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch compute without helpers, so that the calling thread starts none.

    OpenMP keeps the helpers of every thread that ever had some. Where there are more of them than processors,
    they no longer stand ready between two operations, and clicks that are answered in another thread than the
    one that loaded the model took half as long again (`docs/speed.md`).
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def choose_device(wanted: str) -> torch.device:
    """The device for a name; "auto" takes the best that works.

    Where `torchrun` started a process for each graphics card, "auto" and "cuda" are the card of this one; if
    there are fewer cards than processes, those that are left over share the last card.

    Raises:
        ModelError: an unknown name, or a device that this machine does not have.
    """
    if wanted in ("auto", "cuda") and torch.cuda.is_available():
        own, last = own_card(), torch.cuda.device_count() - 1
        return torch.device("cuda", torch.cuda.current_device() if own is None else min(own, last))
    if wanted == "auto":
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
    except RuntimeError as error:
        raise ModelError(f"unknown device {wanted!r}; use auto, cpu, cuda, cuda:N or mps") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise ModelError(f"there is no device {wanted!r} here; use --device cpu or auto")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise ModelError("there is no device 'mps' here; use --device cpu or auto")
    if device.type not in ("cpu", "cuda", "mps"):
        raise ModelError(f"unknown device {wanted!r}; use auto, cpu, cuda, cuda:N or mps")
    return device


def finish(device: torch.device) -> None:
    """Wait until a device has done what it was given; a CPU always has."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def has_bf16(device: torch.device) -> bool:
    """Whether a device multiplies in bfloat16 by instructions of its own, not step by step."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu":
        found = torch.cpu.get_capabilities()
        return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
    return False


def _expand(maps: ImageFeatures, count: int) -> ImageFeatures:
    """One image's features seen `count` times, without a copy."""
    return ImageFeatures(
        maps.fused.expand(count, -1, -1, -1),
        tuple(skip.expand(count, -1, -1, -1) for skip in maps.skips),
        tuple(x.expand(count, -1, -1, -1) for x in maps.detail),
    )


def build_network(config: ModelConfig, state: Mapping[str, torch.Tensor], source: str) -> SkipClick:
    """A network with the given weights, in float32.

    Args:
        config: which network.
        state: its tensors by our names. The encoder's `mask_token` may be missing (nothing uses it), and
            so may what is no weight: rotary periods and bias masks.
        source: where they come from, for the message.

    Raises:
        ModelError: names of tensors that are missing, surplus or wrongly shaped.
    """
    # Weights that are overwritten at once need no memory and no random numbers.
    with torch.device("meta"):
        network = SkipClick(config)
    expected = network.state_dict()
    given = {name: tensor.to(torch.float32) for name, tensor in state.items()}
    for name, tensor in derived_tensors(config).items():
        given.setdefault(name, tensor)
    check_state({name: tuple(tensor.shape) for name, tensor in expected.items()}, given, source)
    network.load_state_dict(given, assign=True)
    return network


def derived_tensors(config: ModelConfig) -> dict[str, torch.Tensor]:
    """Entries of a state dict that follow from the configuration."""
    backbone = config.backbone
    derived = {"backbone.mask_token": torch.zeros(1, backbone.width)}
    if backbone.family == "dinov3":
        derived["backbone.rope_embed.periods"] = rotary_periods(backbone.periods)
        for index in range(backbone.depth):
            derived[f"backbone.blocks.{index}.attn.qkv.bias_mask"] = key_bias_mask(backbone.width)
    return derived
