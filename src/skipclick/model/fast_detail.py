"""The image branch's refinement of the logits, for inference; part of `skipclick.model.fast`."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from skipclick.model.detail import Detail
from skipclick.model.fast_cpu import DoubledConvolution, channels_last, halve, resize


class Refine(nn.Module):
    """`Detail.forward` with the image's share of both 3×3 convolutions computed once per image.

    Zero padding treats each channel alone, so a padded convolution is a sum over its input channels too.
    """

    def __init__(self, detail: Detail) -> None:
        super().__init__()
        join4, join2 = detail.join4[0], detail.join2[0]
        if not isinstance(join4, nn.Conv2d) or not isinstance(join2, nn.Conv2d):
            raise TypeError("both joins start with a convolution")
        fine, coarse = join2.out_channels, join4.out_channels
        hidden = join4.in_channels - coarse
        self.own4 = _take(join4, [*range(hidden)], bias=False)
        self.image4 = _take(join4, [*range(hidden, hidden + coarse)], bias=True)
        self.own2 = DoubledConvolution(_take(join2, [*range(coarse)], bias=False))
        self.prompt2 = _take(join2, [*range(coarse + fine, join2.in_channels)], bias=False)
        self.image2 = _take(join2, [*range(coarse, coarse + fine)], bias=True)
        self.classify = detail.classify

    def image_terms(self, detail: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        """What the maps of `Detail.encode` add inside `join2` and `join4`, biases included."""
        fine, coarse = detail
        return self.image2(channels_last(fine)), self.image4(channels_last(coarse))

    def forward(self, terms: tuple[Tensor, ...], hidden: Tensor, logits: Tensor, prompt: Tensor) -> Tensor:
        """Refine the head's logits, see `Detail.forward`; their sum is formed in float32."""
        fine, coarse = terms
        x = F.gelu(self.own4(resize(hidden, like=coarse)).add_(coarse))
        logits = resize(logits.float(), like=fine)
        given = torch.cat([halve(prompt, like=fine), (logits * 0.2).to(prompt.dtype)], dim=1)
        x = self.own2(x, like=fine).add_(self.prompt2(channels_last(given))).add_(fine)
        return logits + self.classify(F.gelu(x)).float()


def _take(layer: nn.Conv2d, channels: list[int], *, bias: bool) -> nn.Conv2d:
    """The part of a padded 3×3 convolution that reads some of its input channels."""
    with torch.device("meta"):
        part = nn.Conv2d(len(channels), layer.out_channels, 3, padding=1, bias=bias)
    weight = channels_last(layer.weight.detach()[:, channels])
    part.weight = nn.Parameter(weight, requires_grad=False)
    if bias and layer.bias is not None:
        part.bias = nn.Parameter(layer.bias.detach(), requires_grad=False)
    return part
