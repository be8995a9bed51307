"""Click sequences as pictures: the photo around an object, with truth, clicks, and the mask if it can be had.

A trace holds clicks and IoUs but no masks. A model with the weights of the trace makes them again from the
same clicks.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from skipclick.backend.protocol import Backend
from skipclick.datasets import Dataset, TargetObject, fingerprint
from skipclick.encoded import encode_image
from skipclick.evaluation.trace import ObjectTrace
from skipclick.mask import iou
from skipclick.overlay import Colour, draw_clicks, draw_mask
from skipclick.prompt import Click
from skipclick.report.runs import ReportError, Run
from skipclick.session import Session

TRUTH: Colour = (255, 176, 0)
"""The outline of the ground truth; apart from the mask's blue for any kind of colour vision."""

SIDE = 330
"""Longest side of a picture in pixels."""

_SHOWN = (1, 2, 3, 5, 10)
_MARGIN = 0.2
_LEAST = 48  # pixels of a photo that a picture shows at least, across and down
_TOLERANCE = 0.005  # IoU by which the same clicks may differ on another device


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a sequence.

    Attributes:
        jpeg: the file.
        width: in pixels.
        height: in pixels.
        caption: which click it shows, and what came of it.
    """

    jpeg: bytes
    width: int
    height: int
    caption: str

    @property
    def source(self) -> str:
        """The file as the address of an image inside a page."""
        return f"data:image/jpeg;base64,{base64.b64encode(self.jpeg).decode()}"


@dataclass(frozen=True, slots=True)
class Filmstrip:
    """The pictures of one object.

    Attributes:
        tiles: from the first click to the last; some in between may be left out.
        remark: what is special about them; empty for nothing.
    """

    tiles: tuple[Tile, ...]
    remark: str = ""


class Gallery:
    """Data sets and models that pictures are made from.

    Args:
        runs: what is reported on.
        datasets: those of them whose photos are there, by the same labels.
        models: loaded models; each must have the weights of a run.

    Raises:
        ReportError: a data set or a model belongs to no run, or the ground truths of a data set are not those
            that were evaluated.
        DatasetError: a ground truth cannot be read.
    """

    def __init__(
        self, runs: Sequence[Run], datasets: Sequence[Dataset] = (), models: Sequence[Backend] = ()
    ) -> None:
        self._fingerprints = {dataset.label: _checked_fingerprint(dataset, runs) for dataset in datasets}
        weights = {run.weights for run in runs}
        for model in models:
            if model.fingerprint not in weights:
                raise ReportError(
                    f"no trace was made with the weights of {model.name} ({model.fingerprint}): give the "
                    "model that made the trace"
                )
        self._samples = {dataset.label: {one.name: one for one in dataset.samples} for dataset in datasets}
        self._models = {model.fingerprint: model for model in models}

    @property
    def has_photos(self) -> bool:
        """Whether there is a picture at all."""
        return bool(self._samples)

    @property
    def has_models(self) -> bool:
        """Whether pictures can show masks."""
        return bool(self._samples and self._models)

    def missing(self, runs: Sequence[Run]) -> list[str]:
        """What pictures lack, and how to get it; one line each."""
        lines = []
        labels = list(dict.fromkeys(run.label for run in runs if run.label not in self._samples))
        if labels:
            lines.append(
                f"No pictures of {', '.join(labels)}: give the photos, as in --data {labels[0]}=FOLDER."
            )
        pictured = [run for run in runs if run.label in self._samples]
        models = list(dict.fromkeys(run.model for run in pictured if run.weights not in self._models))
        if models:
            lines.append(
                f"No masks of {', '.join(models)}: a trace holds none; give the model, as in "
                f"--model {models[0]}, and they are made again."
            )
        return lines

    def draw(self, run: Run, trace: ObjectTrace) -> Filmstrip | None:
        """The pictures of one object; None where its data set is not there.

        Raises:
            DatasetError: the photo cannot be read.
            ReportError: the data set is another one than the trace's.
        """
        samples = self._samples.get(run.label)
        if samples is None:
            return None
        sample = samples.get(trace.sample)
        loaded = sample.load() if sample is not None else None
        target = next((one for one in loaded.objects if one.id == trace.object_id), None) if loaded else None
        if loaded is None or target is None:
            raise ReportError(
                f"{run.label} has no object {trace.object_id} in an image {trace.sample}, but {run.path} "
                "has: give the folder that was evaluated"
            )
        model = self._models.get(run.weights)
        masks: Mapping[int, NDArray[np.bool_]] = {}
        remark = ""
        if model is not None and run.plain:
            masks, remark = _masks_again(model, loaded.image, target, run, trace)
        elif model is not None:
            remark = "Without masks: they began from a mask, which is not repeated here."
        if run.fingerprint and run.fingerprint != self._fingerprints[run.label]:
            remark = " ".join([remark, "The ground truths of this trace were other ones."]).strip()
        view = _View(loaded.image, target.truth == 1, trace.clicks)
        tiles = [_tile(view, trace, step, masks.get(step)) for step in shown_steps(len(trace.clicks))]
        return Filmstrip(tuple(tiles), remark)


def _checked_fingerprint(dataset: Dataset, runs: Sequence[Run]) -> str:
    """The fingerprint of a data set that must be the one of a run; empty if no run of it tells any.

    Names alone don't do: a folder's other copy has the same ones.
    """
    own = [run for run in runs if (run.label, run.reader) == (dataset.label, dataset.reader)]
    if not own:
        known = ", ".join(sorted({run.label for run in runs}))
        raise ReportError(f"no trace is of the data set {dataset.label}: there are {known}")
    told = {run.fingerprint for run in own} - {""}
    found = fingerprint(dataset).sha256 if told else ""
    if told and found not in told:
        raise ReportError(
            f"{dataset.label} is not what {own[0].path} is of: its names or ground truths differ; give the "
            "folder that was evaluated"
        )
    return found


def shown_steps(clicks: int) -> list[int]:
    """After which clicks there is a picture: early ones, where most happens, and the last."""
    return [step for step in _SHOWN if step < clicks] + [clicks]


def _masks_again(
    model: Backend, image: NDArray[np.uint8], target: TargetObject, run: Run, trace: ObjectTrace
) -> tuple[dict[int, NDArray[np.bool_]], str]:
    """The masks after the clicks that are shown, and a remark if they are not those of the trace."""
    encoded = encode_image(model, image, size=run.size, mirror=run.mirror, keep_pixels=run.zoom)
    session = Session(model, encoded, threshold=run.threshold, zoom="published" if run.zoom else False)
    masks, apart = {}, 0.0
    for step, click in enumerate(trace.clicks, start=1):
        mask = session.add(click)
        apart = max(apart, abs(iou(mask, target.truth == 1, target.truth == -1) - trace.ious[step - 1]))
        if step in shown_steps(len(trace.clicks)):
            masks[step] = mask
    if apart <= _TOLERANCE:
        return masks, ""
    return masks, (
        f"The masks were made again, and their IoU differs from the trace by up to {100 * apart:.1f} %: "
        "another device, version or photo."
    )


class _View:
    """The part of a photo around an object and its clicks, at the size of a picture."""

    def __init__(self, image: NDArray[np.uint8], truth: NDArray[np.bool_], clicks: Sequence[Click]) -> None:
        rows, columns = np.nonzero(truth)
        xs = [int(columns.min()), int(columns.max()), *(click.x for click in clicks)]
        ys = [int(rows.min()), int(rows.max()), *(click.y for click in clicks)]
        height, width = truth.shape
        self._x, right = _widened(min(xs), max(xs), width)
        self._y, bottom = _widened(min(ys), max(ys), height)
        self._window = np.s_[self._y : bottom, self._x : right]
        self._scale = SIDE / max(right - self._x, bottom - self._y)
        self.size = (
            max(1, round((right - self._x) * self._scale)),
            max(1, round((bottom - self._y) * self._scale)),
        )
        photo = Image.fromarray(np.ascontiguousarray(image[self._window]))
        self.photo = np.array(photo.resize(self.size, Image.Resampling.LANCZOS))
        self.truth = self.mask(truth)

    def mask(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        grey = Image.fromarray(mask[self._window].astype(np.uint8) * np.uint8(255))
        return np.asarray(grey.resize(self.size, Image.Resampling.BOX)) >= 128

    def clicks(self, clicks: Sequence[Click]) -> list[Click]:
        return [
            Click(
                (click.x - self._x + 0.5) * self._scale - 0.5,
                (click.y - self._y + 0.5) * self._scale - 0.5,
                click.positive,
            )
            for click in clicks
        ]


def _widened(low: float, high: float, limit: int) -> tuple[int, int]:
    """A span of pixels with a margin, within the photo."""
    margin = max(_MARGIN * (high - low), (_LEAST - (high - low)) / 2)
    return max(0, math.floor(low - margin)), min(limit, math.ceil(high + margin) + 1)


def _tile(view: _View, trace: ObjectTrace, step: int, mask: NDArray[np.bool_] | None) -> Tile:
    picture = view.photo if mask is None else draw_mask(view.photo, view.mask(mask), edge=0)
    picture = draw_mask(picture, view.truth, colour=TRUTH, strength=0, edge=2)
    picture = draw_clicks(picture, view.clicks(trace.clicks[:step]), radius=7)
    stream = io.BytesIO()
    # Without halving the resolution of colour, which would blur the outline.
    Image.fromarray(picture).save(stream, "JPEG", quality=80, subsampling=0, optimize=True)
    caption = f"{step} click{'s' * (step > 1)}: {100 * trace.ious[step - 1]:.1f} %"
    return Tile(stream.getvalue(), *view.size, caption)
