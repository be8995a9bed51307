"""Every network that we know, as literal values; no PyTorch here.

`BACKBONES` lists the image encoders, `MODELS` the whole networks. A configuration is all that is needed to
build a network; it travels as JSON inside our weight files.
"""

from __future__ import annotations

import dataclasses
import json
import math
from dataclasses import dataclass, field
from typing import Any, Literal

from skipclick.errors import ModelError
from skipclick.model.values import check_flag, check_one_of, check_real, check_share, check_whole


@dataclass(frozen=True, slots=True)
class BackboneConfig:
    """A DINOv2 or DINOv3 vision transformer.

    Attributes:
        family: which of the two designs.
        patch: side of a patch in pixels.
        width: channels of a token, C.
        depth: number of blocks.
        heads: attention heads.
        hidden: channels inside a feed-forward layer.
        feed_forward: "mlp", or "swiglu" for ViT-g.
        registers: number of register tokens (DINOv3 calls them storage tokens).
        grid: side of the positional table (DINOv2 only; 37 = 518 / 14).
        periods: number of rotary periods per axis (DINOv3 only).

    Raises:
        ModelError: a value of another type or out of range, or heads that do not share the width.
    """

    family: Literal["dinov2", "dinov3"]
    patch: int
    width: int
    depth: int
    heads: int
    hidden: int
    feed_forward: Literal["mlp", "swiglu"] = "mlp"
    registers: int = 0
    grid: int = 37
    periods: int = 16

    def __post_init__(self) -> None:
        check_one_of("family", self.family, ("dinov2", "dinov3"))
        check_one_of("feed_forward", self.feed_forward, ("mlp", "swiglu"))
        for name in ("patch", "width", "depth", "heads", "hidden", "grid", "periods"):
            check_whole(name, getattr(self, name))
        check_whole("registers", self.registers, least=0)
        check_share(self.width, self.heads)
        if self.family == "dinov3" and self.width != 4 * self.periods * self.heads:
            raise ModelError(
                f"{self.periods} rotary periods need heads of {4 * self.periods} channels, not "
                f"{self.width // self.heads}"
            )

    @property
    def final_norm(self) -> bool:
        """Whether features pass the encoder's last LayerNorm: DINOv3's do, DINOv2's don't."""
        return self.family == "dinov3"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A whole network: encoder, prompt embedding, fusion, pyramid, head.

    Attributes:
        backbone: the image encoder.
        taps: encoder blocks (zero-based) whose outputs are used, shallowest first. More than one: they are
            concatenated and mixed by the linear layer `fuse`.
        skip: the four taps also feed the pyramid levels, shallowest to finest.
        width: channels of the fusion blocks.
        depth: number of fusion blocks.
        heads: attention heads of a fusion block.
        hidden: channels inside a fusion block's feed-forward layer.
        fusion: "transformer", or "conv" for the convolutional stack.
        grid: side of the fusion blocks' positional table (training size / patch).
        pyramid: output channels of the four levels, fine to coarse.
        pyramid_inner: channels inside levels 4 (first and second step), 8 and 32; None means the
            published rule, see `inner_channels`.
        head: channels of the head.
        upsample: the head's up-convolutions, 1 (published), 2 or 4.
        spare_upsampling: the head holds both up-convolutions even where `upsample` does not use them, as
            every published file does.
        dropout: channel dropout before the last layer, in training only.
        disk_radius: radius of a click's disk in network pixels.
        train_backbone: the encoder is trained too (the Baseline), not frozen.
        normalise_taps: a LayerNorm on each tap before it is used (ours; not published).
        detail: channels of the image branch at strides 2 and 4, or empty for none (ours; not published).
        train_size: side of the training crops in pixels.

    Raises:
        ModelError: a value of another type or out of range, or values that do not go together.
    """

    backbone: BackboneConfig
    taps: tuple[int, ...] = (2, 5, 8, 11)
    skip: bool = True
    width: int = 768
    depth: int = 4
    heads: int = 12
    hidden: int = 3072
    fusion: Literal["transformer", "conv"] = "transformer"
    grid: int = 32
    pyramid: tuple[int, int, int, int] = (128, 256, 512, 1024)
    pyramid_inner: tuple[int, int, int, int] | None = None
    head: int = 256
    upsample: Literal[1, 2, 4] = 1
    spare_upsampling: bool = True
    dropout: float = 0.1
    disk_radius: float = 5.0
    train_backbone: bool = False
    normalise_taps: bool = False
    detail: tuple[int, ...] = field(default=())
    train_size: int = 448

    def __post_init__(self) -> None:
        self._check_types()
        if not self.taps or self.taps[-1] >= self.backbone.depth:
            raise ModelError(f"taps {self.taps} do not exist in an encoder of {self.backbone.depth} blocks")
        if list(self.taps) != sorted(set(self.taps)):
            raise ModelError(f"taps are different blocks, the shallowest first, not {self.taps}")
        if self.skip and len(self.taps) != 4:
            raise ModelError(f"skip connections need exactly four taps, not {len(self.taps)}")
        if not self.fuses and self.width != self.backbone.width:
            raise ModelError("a model without the fuse layer must be as wide as its encoder")
        if self.detail and len(self.detail) != 2:
            raise ModelError("the image branch has two channel counts, for strides 2 and 4")
        if self.fusion == "transformer":
            check_share(self.width, self.heads)

    def _check_types(self) -> None:
        if not isinstance(self.backbone, BackboneConfig):
            raise ModelError(f"backbone must be the configuration of an encoder, not {self.backbone!r}")
        check_one_of("fusion", self.fusion, ("transformer", "conv"))
        check_one_of("upsample", self.upsample, (1, 2, 4))
        for name in ("width", "depth", "heads", "hidden", "grid", "train_size"):
            check_whole(name, getattr(self, name))
        # The up-convolutions halve the head's channels, twice.
        check_whole("head", self.head, least=4 if self.spare_upsampling else self.upsample)
        inner = (1,) * 4 if self.pyramid_inner is None else self.pyramid_inner
        for name, values, least in (
            ("taps", self.taps, 0),
            ("pyramid", self.pyramid, 1),
            ("pyramid_inner", inner, 1),
            ("detail", self.detail, 1),
        ):
            if not isinstance(values, tuple):
                raise ModelError(f"{name} must be whole numbers, not {values!r}")
            for value in values:
                check_whole(name, value, least)
        if len(self.pyramid) != 4 or len(inner) != 4:
            raise ModelError("the pyramid has four levels, so pyramid and pyramid_inner have four numbers")
        for name in ("skip", "spare_upsampling", "train_backbone", "normalise_taps"):
            check_flag(name, getattr(self, name))
        check_real("dropout", self.dropout, "from 0 to below 1", lambda value: 0 <= value < 1)
        check_real("disk_radius", self.disk_radius, "above 0", lambda value: 0 < value < math.inf)

    @property
    def fuses(self) -> bool:
        """Whether the linear layer `fuse` exists: it does for more than one tap."""
        return len(self.taps) > 1

    @property
    def patch(self) -> int:
        """Side of a patch in pixels, the unit of the network's input size."""
        return self.backbone.patch

    @property
    def level_channels(self) -> int:
        """Input channels of a pyramid level (D in the specification)."""
        return self.width + (self.backbone.width if self.skip else 0)

    @property
    def inner_channels(self) -> tuple[int, int, int, int]:
        """Channels inside the pyramid: level 4 first and second step, level 8, level 32."""
        if self.pyramid_inner is not None:
            return self.pyramid_inner
        wide = self.level_channels
        first = max(2 * self.pyramid[0], wide // 2)
        return first, first // 2, max(self.pyramid[1], wide // 2), max(self.pyramid[3], 2 * wide)

    def to_json(self) -> str:
        """The configuration as one JSON object."""
        return json.dumps(dataclasses.asdict(self), separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> ModelConfig:
        """Read what `to_json` wrote.

        Raises:
            ModelError: not JSON, entries that this version does not know, or values that cannot be.
        """
        try:
            data: dict[str, Any] = json.loads(text)
            backbone = BackboneConfig(**data.pop("backbone"))
            fields: dict[str, Any] = {
                key: tuple(value) if isinstance(value, list) else value for key, value in data.items()
            }
            return cls(backbone=backbone, **fields)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise ModelError(f"the model configuration cannot be read: {error}") from error


def _vit(family: Literal["dinov2", "dinov3"], width: int, depth: int, registers: int) -> BackboneConfig:
    patch = 14 if family == "dinov2" else 16
    return BackboneConfig(
        family, patch, width, depth, heads=width // 64, hidden=4 * width, registers=registers
    )


def _giant(registers: int) -> BackboneConfig:
    return BackboneConfig(
        "dinov2", 14, 1536, 40, heads=24, hidden=4096, feed_forward="swiglu", registers=registers
    )


BACKBONES: dict[str, BackboneConfig] = {
    "dinov2_vits14": _vit("dinov2", 384, 12, registers=0),
    "dinov2_vits14_reg": _vit("dinov2", 384, 12, registers=4),
    "dinov2_vitb14": _vit("dinov2", 768, 12, registers=0),
    "dinov2_vitb14_reg": _vit("dinov2", 768, 12, registers=4),
    "dinov2_vitl14": _vit("dinov2", 1024, 24, registers=0),
    "dinov2_vitl14_reg": _vit("dinov2", 1024, 24, registers=4),
    "dinov2_vitg14": _giant(registers=0),
    "dinov2_vitg14_reg": _giant(registers=4),
    "dinov3_vits16": _vit("dinov3", 384, 12, registers=4),
    "dinov3_vitb16": _vit("dinov3", 768, 12, registers=4),
    "dinov3_vitl16": _vit("dinov3", 1024, 24, registers=4),
}
"""The encoders, by their torch hub names."""


def skipclick(backbone: str, **changes: Any) -> ModelConfig:
    """The full SkipClick network on an encoder, widths following the encoder's; `changes` replace fields.

    Raises:
        ModelError: an unknown encoder.
    """
    if backbone not in BACKBONES:
        raise ModelError(f"unknown encoder {backbone!r}; there are {', '.join(BACKBONES)}")
    encoder = BACKBONES[backbone]
    fields: dict[str, Any] = {
        "width": encoder.width,
        "hidden": 4 * encoder.width,
        "heads": 12 if encoder.width % 12 == 0 else encoder.heads,
        "grid": 448 // encoder.patch,
    }
    return ModelConfig(encoder, **(fields | changes))


_VITB = "dinov2_vitb14_reg"

MODELS: dict[str, ModelConfig] = {
    # The paper's ablation (Table 1). The published Baseline and Frozen use block 2 (specification 2.8).
    "baseline": skipclick(_VITB, taps=(2,), skip=False, train_backbone=True),
    "frozen": skipclick(_VITB, taps=(2,), skip=False),
    "intermediate": skipclick(_VITB, skip=False),
    "skip": skipclick(_VITB),
    # What the paper describes for the first two: the last block.
    "baseline-last-block": skipclick(_VITB, taps=(11,), skip=False, train_backbone=True),
    "frozen-last-block": skipclick(_VITB, taps=(11,), skip=False),
    # Fusion depth (Table 6); depth 4 is "skip".
    "skip-depth2": skipclick(_VITB, depth=2),
    "skip-depth3": skipclick(_VITB, depth=3),
    "skip-depth5": skipclick(_VITB, depth=5),
    "skip-depth6": skipclick(_VITB, depth=6),
    # Other encoders.
    "skip-vits": skipclick("dinov2_vits14_reg", heads=6),
    "skip-vitl": skipclick("dinov2_vitl14_reg", heads=16),
    "intermediate-vitg": skipclick("dinov2_vitg14_reg", heads=12, skip=False, pyramid=(240, 480, 960, 1920)),
    "skip-dinov3-vits": skipclick("dinov3_vits16", heads=6),
    "skip-dinov3-vitb": skipclick("dinov3_vitb16"),
    "skip-dinov3-vitl": skipclick("dinov3_vitl16", heads=16),
    # Published as code, not in the paper.
    "skip-conv": skipclick(_VITB, fusion="conv"),
    # Ours. As wide as the encoder, with its heads: the fusion blocks can begin as the encoder's own.
    "skipclick-s": skipclick(
        "dinov2_vits14",
        depth=2,
        heads=6,
        hidden=1024,
        grid=16,
        pyramid=(32, 64, 128, 256),
        pyramid_inner=(64, 32, 64, 256),
        head=64,
        spare_upsampling=False,
        normalise_taps=True,
        detail=(16, 32),
    ),
}
"""The networks, by our names."""
