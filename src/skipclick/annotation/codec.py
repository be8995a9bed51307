"""Records and commands as JSON values and back; whatever reads back is checked, never trusted.

A record becomes an object with its fields by name. Fields that have their default value are left out, and
stand for it when they are missing. A field that is unknown is an error: it comes from a newer version, and
passing over it would lose work.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from skipclick.annotation.document import ClassRecord, Document, ImageRecord, Overlap, check_document

T = TypeVar("T")
Reader = Callable[[Any], Any]


def to_json(value: Any) -> Any:
    """A record, or what records consist of, as JSON values."""
    if dataclasses.is_dataclass(value):
        return {
            field.name: to_json(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.default is dataclasses.MISSING or getattr(value, field.name) != field.default
        }
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    return value


def from_json(kind: type[T], value: Any) -> T:
    """Read what `to_json` wrote.

    Raises:
        ValueError: it is something else.
        SkipClickError: the record refuses its values.
    """
    reader: Callable[[Any], T] = _reader(cast(Any, kind))
    return reader(value)


def document_to_json(document: Document) -> dict[str, Any]:
    """A document as JSON values."""
    return {
        "classes": to_json(document.classes),
        "next_class": document.next_class,
        "overlap": document.overlap,
        "images": [to_json(image) for image in document.images.values()],
    }


def document_from_json(value: Any) -> Document:
    """Read what `document_to_json` wrote.

    Raises:
        ValueError: it is something else.
        SkipClickError: its parts contradict each other.
    """
    if not isinstance(value, dict) or value.keys() != {"classes", "next_class", "overlap", "images"}:
        raise ValueError("no document")
    images: tuple[ImageRecord, ...] = _reader(tuple[ImageRecord, ...])(value["images"])
    by_name = {image.name: image for image in images}
    if len(by_name) != len(images):
        raise ValueError("an image occurs twice")
    document = Document(
        classes=_reader(tuple[ClassRecord, ...])(value["classes"]),
        overlap=_reader(Overlap)(value["overlap"]),
        images=MappingProxyType(by_name),
        next_class=_reader(int)(value["next_class"]),
    )
    check_document(document)
    return document


@cache
def _reader(kind: Any) -> Reader:
    """What reads a value of this type."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType) and len(arguments) == 2 and arguments[1] is NoneType:
        inner = _reader(arguments[0])
        return lambda value: None if value is None else inner(value)
    if origin is Literal:
        return lambda value: _one_of(value, arguments)
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        each = _reader(arguments[0])
        return lambda value: tuple([each(one) for one in _list(value)])
    if origin is tuple:
        readers = [_reader(argument) for argument in arguments]
        return lambda value: tuple([read(one) for read, one in zip(readers, _list(value), strict=True)])
    if dataclasses.is_dataclass(kind):
        return _record_reader(kind)
    if kind is float:
        return _number
    if kind in (str, int, bool):
        return lambda value: _exactly(kind, value)
    raise TypeError(f"records have no fields of the type {kind}")


def _record_reader(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers: Mapping[str, Reader] = {
        field.name: _reader(hints[field.name]) for field in dataclasses.fields(kind)
    }
    needed = {
        field.name
        for field in dataclasses.fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    }

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise ValueError(f"no {kind.__name__}")
        if not needed <= value.keys() <= readers.keys():
            odd = sorted((needed - value.keys()) | (value.keys() - readers.keys()))
            raise ValueError(f"a {kind.__name__} with missing or unknown fields: {', '.join(odd)[:200]}")
        return kind(**{name: readers[name](one) for name, one in value.items()})

    return read


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError("no list")
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no finite number")
    return float(value)


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise ValueError(f"no {kind.__name__}")
    return value


def _one_of(value: Any, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed or not isinstance(value, str):
        raise ValueError(f"none of {', '.join(map(str, allowed))}")
    return value
