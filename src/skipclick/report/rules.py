"""The rules of an evaluation in words, as far as they are not the published ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from skipclick.evaluation.protocol import PUBLISHED
from skipclick.evaluation.trace import SHORT

_WORDS = {
    "max_clicks": "at most {} clicks",
    "min_clicks": "at least {} clicks",
    "mirror": "not mirrored",
    "zoom": "zoomed in",
    "start": "from a mask ({})",
    "jitter": "jitter {:g}",
}

_MERE_MEASURES = ("boundary",)  # rules that change no click and no IoU


def deviations_of(reader: str, rules: Mapping[str, Any], begun: str) -> tuple[str, ...]:
    """How rules differ from the published ones; a rule that this version does not know is named as it is.

    Args:
        reader: which data set was evaluated, a key of `DATASETS`.
        rules: the protocol of a trace's header.
        begun: the hash of the folder of masks that was begun from, which tells two folders apart; empty for
            none.

    Returns:
        A few words for each, in the order of the rules.
    """
    if begun:
        rules = {**rules, "start": f"{rules['start']} {begun[:SHORT]}"}
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
