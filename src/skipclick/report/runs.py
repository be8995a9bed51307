"""What is reported on: traces, read and named so that no two of them can be mistaken for each other."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skipclick.datasets import DATASETS, official_count
from skipclick.errors import SkipClickError
from skipclick.evaluation.metrics import count_clicks
from skipclick.evaluation.protocol import PUBLISHED
from skipclick.evaluation.trace import ObjectTrace, TraceHeader, parse

SHORT = 7
"""Digits of a weights' fingerprint that tell two models of one name apart."""

_WORDS = {
    "max_clicks": "at most {} clicks",
    "min_clicks": "at least {} clicks",
    "mirror": "not mirrored",
    "zoom": "zoomed in",
    "start": "from a mask ({})",
    "jitter": "jitter {:g}",
}

_MERE_MEASURES = ("boundary",)  # rules that change no click and no IoU


class ReportError(SkipClickError):
    """A report cannot be made of what was given."""


@dataclass(frozen=True, slots=True)
class Run:
    """One model on one data set, as a trace tells it.

    Attributes:
        path: the trace.
        system: what tables and figures call the model: its name, and how it was not run as published.
        model: the model's own name.
        weights: fingerprint of its weights.
        label: what the data set is called.
        reader: which data set that is, a key of `DATASETS`.
        samples: images in the data set, evaluated or not.
        size: the network's input (height, width).
        threshold: probability above which a pixel was object.
        target_iou: the IoU at which objects were finished.
        max_clicks: the most clicks on an object.
        mirror: whether answers were averaged with those of the mirrored image.
        plain: clicks began from an empty mask and the network saw whole images.
        deviations: how the rules differ from the published ones for this data set, in words.
        made_with: device and versions.
        objects: what happened to each object.
        empty: images that turned out to have no object.
    """

    path: Path
    system: str
    model: str
    weights: str
    label: str
    reader: str
    samples: int
    size: tuple[int, int]
    threshold: float
    target_iou: float
    max_clicks: int
    mirror: bool
    plain: bool
    deviations: tuple[str, ...]
    made_with: Mapping[str, Any]
    objects: tuple[ObjectTrace, ...]
    empty: frozenset[str] = frozenset()

    @property
    def ious(self) -> list[tuple[float, ...]]:
        """The IoU after each click, object by object."""
        return [trace.ious for trace in self.objects]

    def noc(self, threshold: float, *, never: int | None = None) -> list[int]:
        """Number of clicks until the IoU reached a threshold, object by object.

        Args:
            threshold: from 0 to 1.
            never: what stands for objects that never reached it; None for the most clicks, as published.
        """
        return count_clicks(self.objects, threshold, self.max_clicks if never is None else never)

    @property
    def begun(self) -> bool:
        """Whether objects began from masks."""
        return all(trace.start_iou is not None for trace in self.objects)

    @property
    def images(self) -> int:
        """How many images were evaluated."""
        return len({trace.sample for trace in self.objects} | self.empty)

    @property
    def gap(self) -> str:
        """What is missing, as in "16 of 50 images"; empty for the whole data set."""
        known = official_count(self.reader) if self.reader in DATASETS else None
        whole = self.samples if known is None or self.label != self.reader else known.images
        return "" if self.images == whole else f"{self.images} of {whole} images"


def read_runs(paths: Iterable[Path]) -> list[Run]:
    """Read traces.

    Args:
        paths: trace files, and folders, of which every file ending in .jsonl is read.

    Returns:
        At least one run with at least one object each, in the order of `DATASETS`, those of one data set in
        the order given. The parts of an evaluation that was divided among machines make one run.

    Raises:
        EvaluationError: a file cannot be read or is no trace.
        ReportError: there is nothing to report on, or two traces tell of one model on the same objects.
    """
    files = list(dict.fromkeys(file for path in paths for file in _files_of(path)))
    if not files:
        raise ReportError("no trace given: skipclick evaluate writes them, and says where")
    order = {name: place for place, name in enumerate(DATASETS)}
    runs = _put_together(_with_weights([read_run(file) for file in files]))
    return sorted(runs, key=lambda run: order.get(run.reader, len(order)))


def read_pair(first: Path, second: Path) -> tuple[Run, Run]:
    """Read two traces to be compared, named so that they can be told apart: by file if need be.

    Raises:
        EvaluationError, ReportError: as `read_run`.
    """
    one, other = _with_weights([read_run(first), read_run(second)])
    if one.system == other.system:
        one, other = (dataclasses.replace(run, system=f"{run.system} ({run.path})") for run in (one, other))
    return one, other


def read_run(path: Path) -> Run:
    """Read one trace.

    Raises:
        EvaluationError: the file cannot be read or is no trace.
        ReportError: it holds no object, or its header tells too little.
    """
    parsed = parse(path)
    objects: dict[tuple[str, int], ObjectTrace] = {}
    for _, trace in parsed.objects:
        objects.setdefault((trace.sample, trace.object_id), trace)
    if not objects:
        raise ReportError(f"{path} holds no finished object: let skipclick evaluate go on first")
    try:
        run = _run(path, parsed.header, tuple(objects.values()))
    except (KeyError, TypeError, ValueError) as error:
        raise ReportError(f"{path} does not say what was evaluated: evaluate afresh with --fresh") from error
    return dataclasses.replace(run, empty=frozenset(sample for _, sample in parsed.empty))


def group_by_dataset(runs: Iterable[Run]) -> dict[str, list[Run]]:
    """Runs by the data sets' labels, in the order in which they come."""
    groups: dict[str, list[Run]] = {}
    for run in runs:
        groups.setdefault(run.label, []).append(run)
    return groups


def _files_of(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(path.glob("*.jsonl"))
    if not files:
        raise ReportError(f"the folder {path} holds no traces (*.jsonl): skipclick evaluate writes them")
    return files


def _run(path: Path, header: TraceHeader, objects: tuple[ObjectTrace, ...]) -> Run:
    identity = header.identity
    dataset, rules = identity["dataset"], identity["protocol"]
    height, width = rules["size"]
    model = str(identity["model"])
    deviations = _deviations(str(dataset["reader"]), rules)
    return Run(
        path=path,
        system=", ".join([model, *deviations]),
        model=model,
        weights=str(identity["weights"]),
        label=str(dataset["label"]),
        reader=str(dataset["reader"]),
        samples=int(dataset["samples"]),
        size=(int(height), int(width)),
        threshold=float(rules["threshold"]),
        target_iou=float(rules["target_iou"]),
        max_clicks=int(rules["max_clicks"]),
        mirror=bool(rules["mirror"]),
        plain=rules.get("start", "empty") == "empty" and not rules.get("zoom", False),
        deviations=deviations,
        made_with=header.made_with,
        objects=objects,
    )


def _deviations(reader: str, rules: Mapping[str, Any]) -> tuple[str, ...]:
    """How rules differ from the published ones; a rule that this version does not know is named as it is."""
    published = dataclasses.asdict(PUBLISHED) | {"size": list(PUBLISHED.size_for(reader))}
    return tuple(
        _in_words(rule, value)
        for rule, value in rules.items()
        if value != published.get(rule) and rule not in _MERE_MEASURES
    )


def _in_words(rule: str, value: Any) -> str:
    """What a rule that is not the published one means, for a table's row."""
    match rule:
        case "size":
            height, width = value
            return f"at {width}×{height}"
        case "target_iou":
            return "every click" if value > 1 else f"until IoU {100 * value:g} %"
        case _:
            return _WORDS.get(rule, f"{rule.replace('_', ' ')} {{}}").format(value)


def _with_weights(runs: Sequence[Run]) -> list[Run]:
    """Tell models of one name but other weights apart."""
    weights: dict[str, set[str]] = {}
    for run in runs:
        weights.setdefault(run.model, set()).add(run.weights)
    return [
        run
        if len(weights[run.model]) == 1
        else dataclasses.replace(
            run, system=", ".join([f"{run.model} ({run.weights[:SHORT]})", *run.deviations])
        )
        for run in runs
    ]


def _put_together(runs: Iterable[Run]) -> list[Run]:
    """Make one run of the parts of one evaluation."""
    together: dict[tuple[str, str], Run] = {}
    for run in runs:
        key = run.system, run.label
        together[key] = _together(together[key], run) if key in together else run
    return list(together.values())


def _together(one: Run, other: Run) -> Run:
    names = [{(trace.sample, trace.object_id) for trace in run.objects} for run in (one, other)]
    if names[0] & names[1]:
        raise ReportError(
            f"{one.path} and {other.path} are both of {one.system} on {one.label}: give one of them"
        )
    return dataclasses.replace(one, objects=one.objects + other.objects, empty=one.empty | other.empty)
