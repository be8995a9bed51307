"""What is reported on: traces, read and named so that no two of them can be mistaken for each other."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from skipclick.datasets import DATASETS, Count, official_count
from skipclick.errors import SkipClickError
from skipclick.evaluation.metrics import THRESHOLDS, count_clicks, percent
from skipclick.evaluation.trace import SHORT, ObjectTrace, TraceHeader, parse
from skipclick.report.rules import deviations_of


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
        missing: images that the data set had lost already, so that `samples` leaves them out.
        fingerprint: of its names and ground truths; empty if the trace does not tell it.
        size: the network's input (height, width).
        threshold: probability above which a pixel was object.
        target_iou: the IoU at which objects were finished.
        max_clicks: the most clicks on an object.
        mirror: whether answers were averaged with those of the mirrored image.
        plain: clicks began from an empty mask.
        zoom: the network saw only the surroundings of the object.
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
    missing: int
    fingerprint: str
    size: tuple[int, int]
    threshold: float
    target_iou: float
    max_clicks: int
    mirror: bool
    plain: bool
    zoom: bool
    deviations: tuple[str, ...]
    made_with: Mapping[str, Any]
    objects: tuple[ObjectTrace, ...]
    empty: frozenset[str] = frozenset()

    def of_same_data(self, other: Run) -> bool:
        """Whether both saw the same ground truths under the same names, as far as the traces tell."""
        return not (self.fingerprint and other.fingerprint) or self.fingerprint == other.fingerprint

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
        """How many images were evaluated, with all their objects."""
        finished = Counter(trace.sample for trace in self.objects)
        whole = {one.sample for one in self.objects if finished[one.sample] == one.objects_in_sample}
        return len(whole | self.empty)

    @property
    def gap(self) -> str:
        """What is missing, as in "16 of 50 images"; empty for the whole data set.

        Under its own name that is the published one, if its size is known; otherwise the one that was there
        and what it had lost.
        """
        objects = len(self.objects)
        known = official_count(self.reader) if self.label == self.reader in DATASETS else None
        whole = Count(self.samples + self.missing, objects) if known is None else known
        return shortfall(self.images, objects, whole)


def shortfall(images: int, objects: int, whole: Count) -> str:
    """What was not evaluated of a data set; empty for nothing.

    Args:
        images: how many were evaluated.
        objects: how many were evaluated.
        whole: how many there are.
    """
    if images != whole.images:
        return f"{images:,} of {whole.images:,} images"
    return "" if objects == whole.objects else f"{objects:,} of {whole.objects:,} objects"


def read_runs(paths: Iterable[Path]) -> list[Run]:
    """Read traces.

    Args:
        paths: trace files, and folders, of which every file ending in .jsonl is read.

    Returns:
        At least one run with at least one object each, in the order of `DATASETS`, those of one data set in
        the order given. The parts of an evaluation that was divided among machines make one run.

    Raises:
        EvaluationError: a file cannot be read or is no trace.
        ReportError: there is nothing to report on, or two traces tell of one model on the same objects, or
            on different data of one label.
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


def counted_thresholds(runs: Iterable[Run], wanted: Sequence[float] | None = None) -> tuple[float, ...]:
    """The IoUs whose number of clicks is reported: any can be counted from a trace.

    Args:
        runs: what is reported on.
        wanted: from 0 to 1; None for the usual ones, and those at which a run's objects were finished.

    Returns:
        In ascending order, without those that no run went on to.

    Raises:
        ReportError: no run went on to any of those that were wanted.
    """
    targets = [run.target_iou for run in runs]
    levels = {*wanted} if wanted else {*THRESHOLDS, *(target for target in targets if target <= 1)}
    known = tuple(sorted(level for level in levels if level <= max(targets)))
    if not known:
        raise ReportError(
            f"clicks until {percent(min(levels))} % are not known: objects were finished at "
            f"{percent(max(targets))} %"
        )
    return known


def diverging(runs: Iterable[Run]) -> list[str]:
    """Labels under which runs saw different ground truths."""
    groups = group_by_dataset(runs).items()
    return [label for label, group in groups if len({run.fingerprint for run in group} - {""}) > 1]


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
    deviations = deviations_of(str(dataset["reader"]), rules, str(identity.get("start_masks", "")))
    return Run(
        path=path,
        system=", ".join([model, *deviations]),
        model=model,
        weights=str(identity["weights"]),
        label=str(dataset["label"]),
        reader=str(dataset["reader"]),
        samples=int(dataset["samples"]),
        missing=int(dataset.get("missing", 0)),
        fingerprint=str(dataset.get("fingerprint", "")),
        size=(int(height), int(width)),
        threshold=float(rules["threshold"]),
        target_iou=float(rules["target_iou"]),
        max_clicks=int(rules["max_clicks"]),
        mirror=bool(rules["mirror"]),
        plain=rules.get("start", "empty") == "empty",
        zoom=bool(rules.get("zoom", False)),
        deviations=deviations,
        made_with=header.made_with,
        objects=objects,
    )


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
    if not one.of_same_data(other):
        raise ReportError(
            f"{one.path} and {other.path} are both of {one.system} on {one.label}, but of other ground "
            "truths: give one of them, or evaluate one under a label of its own"
        )
    names = [{(trace.sample, trace.object_id) for trace in run.objects} for run in (one, other)]
    if names[0] & names[1]:
        raise ReportError(
            f"{one.path} and {other.path} are both of {one.system} on {one.label}: give one of them"
        )
    return dataclasses.replace(one, objects=one.objects + other.objects, empty=one.empty | other.empty)
