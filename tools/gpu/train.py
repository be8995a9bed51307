"""Train the decoder of `skipclick-s` on a GPU for a given time; everything stays on the device.

    python tools/gpu/train.py MIX RUN --backbone BACKBONE --minutes 9 --total 25

A run goes on from RUN/state.pt if it is there; `--total` is what the learning rate's schedule spans, over all
calls together. The averaged decoder is written to RUN/decoder.safetensors in float16 every few minutes.
Without a GPU the same program runs on the CPU, for a try.
"""

from __future__ import annotations

import argparse
import json
import math
import time
from pathlib import Path

import torch
from batches import first_clicks, load_mix, make_batch, next_clicks, start_masks
from safetensors.torch import load_file, save_file

from skipclick.model.config import MODELS
from skipclick.model.skipclick import SkipClick, normalise
from skipclick.training.encoder_start import start_fusion
from skipclick.training.loss import normalised_focal_loss, soft_iou_loss
from skipclick.training.recipes import RECIPES
from skipclick.training.stepper import rate_groups

CONFIG = MODELS["skipclick-s"]
SLOTS = 40
"""Room for clicks of each label: 24 to begin with, one for each answer after that."""


def build(backbone: Path, images: torch.Tensor, init: Path | None) -> SkipClick:
    """The network with its frozen backbone, and the decoder of a file if one is given.

    Without one, the fusion blocks begin as the encoder's own; a few images tell how large its tokens are.
    """
    network = SkipClick(CONFIG)
    state = {name: tensor.float() for name, tensor in load_file(backbone).items()}
    network.backbone.load_state_dict(state, strict=False)
    if init is not None:
        decoder = {name: tensor.float() for name, tensor in load_file(init).items()}
        network.load_state_dict(network.state_dict() | decoder)
    else:
        with torch.inference_mode():
            taps = network.backbone(normalise(images.cpu()), CONFIG.taps)
        start_fusion(network, taps)
    return network.to(images.device)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("mix", type=Path)
    parser.add_argument("run", type=Path)
    parser.add_argument("--backbone", type=Path, required=True)
    parser.add_argument(
        "--init", type=Path, help="decoder of today's design to start from; none: the encoder's own blocks"
    )
    parser.add_argument("--minutes", type=float, default=9, help="how long this call lasts")
    parser.add_argument("--total", type=float, default=25, help="how long all calls last")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[336, 448, 448, 672], help="drawn anew for each batch"
    )
    parser.add_argument("--batch", type=int, default=28, help="at the largest size; smaller sizes take more")
    parser.add_argument("--turns", type=int, default=4)
    parser.add_argument(
        "--late",
        type=float,
        default=0.3,
        help="share of batches that start after two to nine simulated clicks",
    )
    parser.add_argument("--lr", type=float, default=1.5e-3)
    parser.add_argument("--limit", type=int, help="only so many images, for a try")
    arguments = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    arguments.run.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    mix = load_mix(arguments.mix, device, limit=arguments.limit)
    with torch.no_grad():
        examples, _ = make_batch(mix, 8, min(arguments.sizes))
    network = build(arguments.backbone, examples, arguments.init).train()
    trained = {name: p for name, p in network.named_parameters() if p.requires_grad}
    parameters = list(trained.values())
    average = [p.detach().clone() for p in parameters]
    groups = rate_groups(trained, RECIPES["skipclick-s"].fusion_rate)
    optimizer = torch.optim.AdamW(groups, lr=arguments.lr, weight_decay=0.02, betas=(0.9, 0.98))
    seconds, step, seen = 0.0, 0, 0
    file = arguments.run / "state.pt"
    if file.exists():
        saved = torch.load(file, map_location=device, weights_only=True)
        network.load_state_dict(saved["decoder"], strict=False)
        average = [x.clone() for x in saved["average"]]
        optimizer.load_state_dict(saved["optimizer"])
        seconds, step, seen = saved["seconds"], saved["step"], saved["seen"]
    torch.manual_seed(step)
    print(f"{len(mix.images)} images on {device} after {time.monotonic() - began:.0f} s", flush=True)
    start, before = time.monotonic(), seconds
    window: list[tuple[int, torch.Tensor, torch.Tensor]] = []
    saved_at = start

    def save() -> None:
        halves = {n: x.half().contiguous() for n, x in zip(trained, average, strict=True)}
        metadata = {
            "skipclick_config": CONFIG.to_json(),
            "format": "skipclick-1",
            "training": f"{seen} samples",
        }
        save_file(halves, arguments.run / "decoder.safetensors", metadata=metadata)
        state = {name: p.detach() for name, p in trained.items()}
        content = {"decoder": state, "average": average, "optimizer": optimizer.state_dict()}
        torch.save(content | {"seconds": seconds, "step": step, "seen": seen}, file.with_suffix(".part"))
        file.with_suffix(".part").replace(file)

    while time.monotonic() - start < 60 * arguments.minutes:
        progress = min(seconds / (60 * arguments.total), 1.0)
        size = arguments.sizes[int(torch.randint(len(arguments.sizes), (1,)))]
        count = int(arguments.batch * (max(arguments.sizes) / size) ** 2)
        with torch.no_grad():
            images, truth = make_batch(mix, count, size)
            images = normalise(images)
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                taps = [tap.float() for tap in network.backbone(images, CONFIG.taps)]
            points = first_clicks(truth, SLOTS)
            foreign = torch.rand(count, device=device) < 0.15
            previous = torch.where(foreign[:, None, None, None], start_masks(truth), torch.zeros_like(truth))
            first = 0
            if float(torch.rand(1)) < arguments.late:
                # What an annotator meets after several clicks: the network's own mask, its errors clicked.
                first = int(torch.randint(2, 10, (1,)))
                with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                    features = network.prepare(images, taps)
                for turn in range(first):
                    with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                        logits = network.decode(features, points, previous)
                    previous = torch.sigmoid(logits.float())
                    points = next_clicks(truth, previous, points, turn)
        for turn in range(first, first + int(torch.randint(1, arguments.turns + 1, (1,)))):
            rate = (
                arguments.lr * min((step + 1) / 500, 1.0) * (0.5 * (1 + math.cos(math.pi * progress)) + 0.002)
            )
            for group in optimizer.param_groups:
                group["lr"] = rate * group["share"]
            with torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda"):
                logits = network.decode(network.prepare(images, taps), points, previous)
            logits = logits.float()
            loss = (normalised_focal_loss(logits, truth) + soft_iou_loss(logits, truth)).mean()
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(parameters, 2.0)
            optimizer.step()
            step, seen = step + 1, seen + count
            with torch.no_grad():
                torch._foreach_lerp_(average, parameters, 1 - min(0.9995, (1 + step) / (20 + step)))
                previous = torch.sigmoid(logits.detach())
                points = next_clicks(truth, previous, points, turn)
                guess = previous > 0.5
                union = ((guess | (truth == 1)) & (truth >= 0)).flatten(1).sum(1).clamp(min=1)
                iou = ((guess & (truth == 1)).flatten(1).sum(1) / union).mean()
            window.append((turn, loss.detach(), iou))
        seconds = before + time.monotonic() - start
        if len(window) >= 200:
            ious: dict[int, list[float]] = {}
            for turn, _loss, iou in window:
                ious.setdefault(turn + 1, []).append(float(iou))
            entry = {
                "minutes": round(seconds / 60, 2),
                "step": step,
                "seen": seen,
                "lr": rate,
                "loss": round(sum(float(x[1]) for x in window) / len(window), 4),
                "iou": {turn: round(sum(v) / len(v), 4) for turn, v in sorted(ious.items())},
            }
            with (arguments.run / "log.jsonl").open("a") as log:
                log.write(json.dumps(entry) + "\n")
            print(entry, flush=True)
            window = []
        if time.monotonic() - saved_at > 150:
            saved_at = time.monotonic()
            save()
    save()
    print(f"{step} steps, {seen} samples, {seconds / 60:.1f} minutes", flush=True)


if __name__ == "__main__":
    main()
