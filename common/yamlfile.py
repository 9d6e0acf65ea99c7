"""YAML as our data files use it, checked against typed records.

YAML 1.1 reads the country code of Norway as 'false' and repeats of a key silently win; both would corrupt a
registry without a word, so here only true and false are booleans and a repeated key is an error.
"""

import dataclasses
import re
from collections.abc import Hashable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_type_hints

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from common.errors import DataFileError

T = TypeVar("T")


@cache  # building an adapter takes longer than using it
def _adapter(kind: Any) -> TypeAdapter[Any]:
    _refuse_unknown_fields(kind)
    return TypeAdapter(kind)


def _refuse_unknown_fields(kind: Any) -> None:
    """A mistyped key in a data file must not be passed over; by default pydantic does that for dataclasses."""
    if dataclasses.is_dataclass(kind):
        if not hasattr(kind, "__pydantic_config__"):
            setattr(kind, "__pydantic_config__", ConfigDict(extra="forbid"))  # noqa: B010 - no attribute of the type
        for hint in get_type_hints(kind).values():
            _refuse_unknown_fields(hint)
    for part in get_args(kind):
        _refuse_unknown_fields(part)


class _Loader(yaml.CSafeLoader):
    """The C loader with the two changes named above."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regex) for tag, regex in resolvers if not tag.endswith((":bool", ":timestamp"))]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
for _first in "tfTF":
    _Loader.yaml_implicit_resolvers.setdefault(_first, []).append(
        ("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false|True|False)$"))
    )


def _mapping_without_repeats(loader: _Loader, node: yaml.MappingNode) -> dict[Hashable, Any]:
    seen: set[Hashable] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key {key!r} stands twice", key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_repeats)


def parse_yaml(text: str, source: str) -> Any:
    """The value of one YAML document; `source` names it in errors.

    Raises DataFileError with the line of the first fault.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise DataFileError(f"{source}: {where}not valid YAML: {what}") from None


def read_yaml(path: Path) -> Any:
    """The value in one YAML file. Raises DataFileError when it is missing, not UTF-8 or not YAML."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DataFileError(f"{path}: no such file") from None
    except UnicodeDecodeError:
        raise DataFileError(f"{path}: not UTF-8 text") from None
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read: {error.strerror}") from None
    return parse_yaml(text, str(path))


def checked(kind: type[T], value: Any, source: str) -> T:
    """`value` as a record of `kind` (a dataclass or a type built of them).

    Raises DataFileError that names the source, the field and what is wrong with it.
    """
    try:
        return cast(T, _adapter(cast(Any, kind)).validate_python(value))
    except ValidationError as error:
        first = error.errors()[0]
        # pydantic puts the names of the types it tried into the path; a reader wants the field alone
        field = ".".join(str(part) for part in first["loc"] if not str(part).startswith("function-"))
        field = field or "(the whole entry)"
        message = first["msg"]
        if first["type"] == "unexpected_keyword_argument":
            message = "unknown field"
        elif first["type"] == "missing":
            message = "is missing"
        else:
            shown = repr(first["input"])
            message = f"{shown[:60]}: {message[0].lower()}{message[1:]}"
        more = f" (and {len(error.errors()) - 1} more faults)" if len(error.errors()) > 1 else ""
        raise DataFileError(f"{source}: {field}: {message}{more}") from None
