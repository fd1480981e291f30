"""Lines that mend a value when they are typed, each tried on the value before it is offered.

A fix is one of these:

- one YAML line `key: value`. It takes the place of the entry that the finding shows; where the finding is about a
  mapping, or about a key that is missing in it, the line is added to that mapping;
- `remove key`: the entry with that key goes;
- `move key up`, `move key into other`: the entry goes one level up, or into the mapping `other` beside it.

For something inside a list the entry is the nearest key above it. A value of the file stands in a fix only where
neither its key nor the value itself could be a secret; a reference to a secret may.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args, get_origin

from inferctl.json_types import object_of, value_at
from inferctl.nearest import nearest
from inferctl.secrets.credential_names import sounds_secret
from inferctl.secrets.credentials import holds_credential
from inferctl.secrets.reference import is_shown, variable_name
from inferctl.syntax.flow_style import flow_text, scalar_text
from inferctl.syntax.model_places import Place, known_names
from inferctl.syntax.scalars import NotJsonError, read_plain

if TYPE_CHECKING:
    from pydantic import BaseModel

    from inferctl.json_types import Path

_LONGEST = 600
_MOST = 50
_GONE: Any = object()
# Whether a changed value has no fault at the path any more, and no other fault than before.
Mends = Callable[[Any, "Path", bool], bool]


@dataclass(frozen=True, slots=True)
class Mender:
    """Fixes for one value, `document`. `mends` tries a changed document."""

    document: Any
    mends: Mends

    def replaced(self, path: Path, place: Place) -> str:
        """A line for a value that is there and wrong, or for a key that is missing."""
        entry = _entry(path)
        if not entry:
            return ""
        name, raw = str(entry[-1]), value_at(self.document, path)
        known = value_at(self.document, entry[:-1])
        is_there = isinstance(known, Mapping) and name in known
        tried = [_GONE] if raw is None and is_there and place.optional else []
        # What may not be shown may not be used either.
        tried += _near(raw, place) if is_there and _shareable(path, raw) else ()
        tried += offered(name, place)
        if is_there and place.optional:
            tried.append(_GONE)
        if not self._is_shown(entry, path):
            # The rest of the list may not, or need not, be shown: a list of the one good item instead.
            return self._first(entry, ((entry, [] if one is _GONE else [one]) for one in tried))
        entire = value_at(self.document, entry)
        return self._first(path, ((entry, changed(entire, path[len(entry) :], one)) for one in tried))

    def renamed(self, path: Path, name: str, place: Place) -> str:
        """A line with the right key for a misspelled one, and with the file's own value where that may be shown."""
        raw = value_at(self.document, path)
        own = _sealed(name, raw)
        tried: list[Any] = []
        if own is not _GONE and not sounds_secret(str(path[-1])):
            tried = [own, *_near(own, place)]
        elif _refers(raw):
            tried = [raw]
        changes = ((((*path[:-1], name)), one) for one in (*tried, *offered(name, place)))
        return self._first((*path[:-1], name), changes, instead_of=path) or removal(str(path[-1]))

    def moved(self, path: Path, section: str, place: Place) -> str:
        """A line that moves a key into a section of the mapping it stands in; `place` is that of the key there.

        Empty where the section is there already: one line could not do it.
        """
        name = str(path[-1])
        own = _sealed(name, value_at(self.document, path))
        beside = value_at(self.document, path[:-1])
        if section in object_of(beside):
            return ""
        values = [*([] if own is _GONE else [own]), *offered(name, place)]
        return self._first(
            (*path[:-1], section), (((*path[:-1], section), {name: one}) for one in values), instead_of=path
        )

    def _is_shown(self, entry: Path, path: Path) -> bool:
        """Whether a fix for the path may show the rest of the list at its entry."""
        inner = value_at(self.document, entry)
        if entry == path or not isinstance(inner, list):
            return True
        return len(inner) <= _MOST and _sealed(str(entry[-1]), inner) == inner and len(flow_text(inner)) <= _LONGEST

    def _first(self, path: Path, changes: Iterator[tuple[Path, Any]], instead_of: Path = ()) -> str:
        second = ""
        for where, value in changes:
            line = removal(str(where[-1])) if value is _GONE else entry_line(str(where[-1]), value)
            if len(line) > _LONGEST:
                continue
            gone = instead_of and instead_of != where
            document = changed(changed(self.document, instead_of, _GONE) if gone else self.document, where, value)
            if self.mends(document, path, True):
                return line
            if not second and self.mends(document, path, False):
                second = line
        return second


def removal(name: str) -> str:
    """`remove dimensions`."""
    return f"remove {scalar_text(name)}"


def entry_line(name: str, value: Any) -> str:
    """`dimensions: 512`."""
    return f"{scalar_text(name)}: {flow_text(value)}"


def changed(value: Any, path: Path, new: Any) -> Any:
    """A copy of the value with another one at the path; what is not on the way is shared."""
    if not path:
        return new
    part, rest = path[0], path[1:]
    if isinstance(value, list | tuple) and isinstance(part, int):
        items = list(value)
        if not rest and new is _GONE:
            del items[part]
        else:
            items[part] = changed(items[part], rest, new)
        return items
    members = dict(value) if isinstance(value, Mapping) else {}
    if not rest and new is _GONE:
        members.pop(part, None)
    else:
        members[part] = changed(members.get(part, {}), rest, new)
    return members


def without(value: Any, path: Path) -> Any:
    """A copy of the value without the entry at the path."""
    return changed(value, path, _GONE)


def offered(name: str, place: Place) -> list[Any]:
    """Values that the model itself offers: examples, the default, words, what the type allows."""
    found = list(place.examples)
    default = place.field.default if place.field is not None else None
    if isinstance(default, bool | int | float | str) and default not in ("", None):
        found.append(default)
    found += place.words
    if sounds_secret(name):
        found.append({"env": variable_name(name)})
    for arm in place.arms:
        found += _of_type(name, arm, place)
    return found


def _of_type(name: str, arm: Any, place: Place) -> list[Any]:
    kind = get_origin(arm) or arm
    if kind is bool:
        return [True, False]
    if kind in (int, float):
        return [kind(one) for one in _within(place, whole=kind is int)]
    if kind is str:
        return [f"my-{name.replace('_', '-')}"]
    if not isinstance(kind, type):
        return []
    if hasattr(kind, "model_fields"):
        return _of_model(kind)
    arguments = get_args(arm)
    if issubclass(kind, Mapping):
        return [{"name": one} for one in offered("value", place.inside("name"))] if arguments else []
    if issubclass(kind, Sequence | frozenset | set) and arguments:
        return [[one] for one in offered(name.removesuffix("s"), place.inside(0))]
    return []


def _of_model(model: type[BaseModel]) -> list[Any]:
    """Small mappings that the model may take: what it requires, and that with the first field that has an example."""
    required: dict[str, Any] = {}
    first: dict[str, Any] = {}
    for key in known_names(model):
        place = Place((model,)).inside(key)
        values = offered(key, place)
        if values and not place.optional:
            required[key] = values[0]
        elif values and not first:
            first[key] = values[0]
    return [one for one in (required, {**first, **required}) if one]


def _within(place: Place, *, whole: bool) -> list[float]:
    low, above = place.bound("ge"), place.bound("gt")
    high, below = place.bound("le"), place.bound("lt")
    step = place.bound("multiple_of")
    found = [limit for limit in (low, high) if limit is not None]
    found += [above + 1] if above is not None else []
    found += [below - 1] if below is not None else []
    if not whole and above is not None and below is not None:
        found.append((above + below) / 2)
    return [*found, *([step] if step else []), 1]


def _near(raw: Any, place: Place) -> list[Any]:
    """What the file's own value may have been meant to be."""
    found: list[Any] = []
    if isinstance(raw, str):
        found += _read(raw)
        near = nearest(raw, [word for word in place.words if isinstance(word, str)])
        found += [near] if near else []
        lower = raw.strip().lower()
        found += [one for one in (raw.strip(), lower, re.sub(r"[\s_]+", "-", lower).strip("-._")) if one]
    elif isinstance(raw, bool):
        found.append(scalar_text(raw))
    elif isinstance(raw, int | float):
        found += [bool(raw)] if raw in (0, 1) else []
        found += [float(raw), *([int(raw)] if float(raw).is_integer() else []), *_clamped(raw, place), scalar_text(raw)]
    if isinstance(raw, str | int | float):
        found.append([raw])
        found += [{name: raw} for name in _only_field(place)]
    if isinstance(raw, list) and len(raw) == 1:
        found.append(raw[0])
    if isinstance(raw, list):
        unique = [one for index, one in enumerate(raw) if one not in raw[:index]]
        found += [unique] if len(unique) < len(raw) else []
    return [one for one in found if type(one) is not type(raw) or one != raw]


def _only_field(place: Place) -> list[str]:
    model = place.model
    return list(model.model_fields) if model is not None and len(model.model_fields) == 1 else []


def _read(text: str) -> list[Any]:
    words = {"yes": True, "on": True, "no": False, "off": False}
    plain = text.strip().replace("_", "").replace(",", "")
    if plain.lower() in words:
        return [words[plain.lower()]]
    try:
        value = read_plain(plain.lower())
    except NotJsonError:
        return []
    if isinstance(value, bool | int):
        return [value, *([float(value)] if not isinstance(value, bool) else [])]
    return [value, *([int(value)] if value == int(value) else [])] if isinstance(value, float) else []


def _clamped(raw: float, place: Place) -> list[float]:
    """The nearest bound, or the nearest number beyond one that is excluded."""
    whole = float not in place.arms
    limits = [float(one) for one in _within(place, whole=whole)]
    step = place.bound("multiple_of")
    if step:
        limits = [round(raw / step) * step, max(step, raw // step * step), *limits]
    ordered = sorted(limits, key=lambda limit: abs(limit - raw))
    return [int(limit) if whole or (isinstance(raw, int) and limit == int(limit)) else limit for limit in ordered]


def _entry(path: Path) -> Path:
    """The path up to its last key."""
    for end in range(len(path), 0, -1):
        if isinstance(path[end - 1], str):
            return path[:end]
    return ()


def _refers(value: Any) -> bool:
    """A reference to a secret, or a mapping of them."""
    return is_shown(value) or (isinstance(value, Mapping) and bool(value) and all(map(_refers, value.values())))


def _shareable(path: Path, value: Any) -> bool:
    return not any(sounds_secret(part) for part in path if isinstance(part, str)) and not holds_credential(path, value)


def _sealed(name: str, value: Any) -> Any:
    """The value with a reference in the place of each text under a key that sounds secret; _GONE: not to be shown."""
    if is_shown(value):
        return value
    if isinstance(value, Mapping):
        inner = {key: _sealed(str(key), one) for key, one in value.items()}
        return _GONE if any(one is _GONE for one in inner.values()) else inner
    if sounds_secret(name):
        return {"env": variable_name(name)}
    if isinstance(value, list):
        items = [_sealed(name, one) for one in value]
        return _GONE if any(one is _GONE for one in items) or holds_credential((name,), value) else items
    return _GONE if holds_credential((name,), value) else value
