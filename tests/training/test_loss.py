"""Losses: the anchor of specification 6.7 and properties."""

import numpy as np
import pytest
import torch

from skipclick.training.loss import normalised_focal_loss, soft_iou_loss


def anchor() -> tuple[torch.Tensor, torch.Tensor]:
    i = torch.arange(16, dtype=torch.float32)
    logits = torch.stack([(i - 8) / 2, (i - 8) / 4 + 0.25]).reshape(2, 1, 4, 4)
    labels = (i >= 10).float()
    labels[0] = -1
    return logits.requires_grad_(), labels.reshape(1, 1, 4, 4).expand(2, -1, -1, -1)


def test_normalised_focal_loss_anchor() -> None:
    logits, target = anchor()
    loss = normalised_focal_loss(logits, target)
    np.testing.assert_allclose(loss.detach(), [0.328614, 0.314755], atol=1e-6)
    mean = loss.mean()
    np.testing.assert_allclose(mean.item(), 0.321685, atol=1e-6)
    mean.backward()
    gradient = logits.grad.flatten(1)
    np.testing.assert_allclose(gradient[0, 9:11], [0.126801, -0.012672], atol=1e-6)
    np.testing.assert_allclose(gradient[1, 9:11], [0.071484, -0.011835], atol=1e-6)
    assert gradient[0, 0] == 0


@pytest.mark.parametrize("loss", [normalised_focal_loss, soft_iou_loss])
def test_right_answers_cost_little_and_wrong_ones_much(loss) -> None:
    target = torch.zeros(1, 1, 8, 8)
    target[..., 2:6, 2:6] = 1
    right, wrong = (target * 2 - 1) * 12, (1 - target * 2) * 12
    assert loss(right, target).item() < 0.02
    assert loss(wrong, target).item() > 0.5


@pytest.mark.parametrize("loss", [normalised_focal_loss, soft_iou_loss])
def test_ignored_pixels_have_no_say(loss) -> None:
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(2, 1, 8, 8, generator=generator)
    target = (torch.rand(2, 1, 8, 8, generator=generator) > 0.5).float()
    target[..., :3, :] = -1
    other = logits.clone()
    other[..., :3, :] += 5
    torch.testing.assert_close(loss(logits, target), loss(other, target))


def test_soft_iou_of_hard_masks_is_the_iou() -> None:
    target = torch.zeros(1, 1, 10, 20)
    target[..., :10] = 1
    guess = torch.zeros(1, 1, 10, 20)
    guess[..., 5:15] = 1
    loss = soft_iou_loss((guess * 2 - 1) * 40, target)
    assert loss.item() == pytest.approx(1 - 51 / 151, abs=1e-5)
