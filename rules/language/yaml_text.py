"""YAML as rule authors write it, read so that nothing surprises: no aliases, no duplicate keys, no hidden booleans.

Only `true`, `false`, `null` and numbers are more than text; `on`, `no` and dates stay text.
"""

import re
from typing import Any

import yaml

MAX_BYTES, MAX_DEPTH, MAX_NODES = 262_144, 20, 20_000


class YamlError(ValueError):
    """The text is not the YAML a rule may be written in; says where."""


class _Loader(yaml.CSafeLoader):
    """CSafeLoader with the few scalar types of this project."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?[0-9]*\.[0-9]+(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise YamlError(f"line {key_node.start_mark.line + 1}: found key {key!r}, expected text; put it in quotes")
        if key in found:
            raise YamlError(f"line {key_node.start_mark.line + 1}: found key {key!r} twice")
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read(text: str) -> Any:
    """The value of a YAML text. YamlError for anything outside the subset, with its line."""
    if len(text.encode()) > MAX_BYTES:
        raise YamlError(f"found {len(text.encode())} bytes, expected at most {MAX_BYTES}")
    try:
        _refuse_bombs(text)
        return yaml.load(text, Loader=_Loader)  # noqa: S506
    except yaml.YAMLError as e:
        raise YamlError(" ".join(str(e).split())) from e


def plain(text: str) -> Any:
    """The value of a YAML text from elsewhere, keys and values as they are written: nothing is a number or a date."""
    if len(text.encode()) > MAX_BYTES:
        raise YamlError(f"found {len(text.encode())} bytes, expected at most {MAX_BYTES}")
    try:
        _refuse_bombs(text)
        return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506
    except yaml.YAMLError as e:
        raise YamlError(" ".join(str(e).split())) from e


def _refuse_bombs(text: str) -> None:
    """One pass over the events, before anything is built: aliases, depth and size."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CSafeLoader)):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise YamlError(f"line {line}: found an alias or anchor; write the text out")
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            depth += 1
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise YamlError(f"line {line}: nested deeper than {MAX_DEPTH}")
        if count > MAX_NODES:
            raise YamlError(f"line {line}: more than {MAX_NODES} nodes")
