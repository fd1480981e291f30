"""Endpoints with what an environment changes in them: overlays, merged by id.

The merge is that of a JSON merge patch (RFC 7396), with one value more that is never merged: the reference to a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from inferctl.json_types import path_text, value_at
from inferctl.nearest import MOST_COMPARED, nearest
from inferctl.secrets.reference import KINDS, has_form_of_reference
from inferctl.syntax.finding import Finding
from inferctl.syntax.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from inferctl.diagnostics import Diagnostic, Span
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.workspace.endpoint_file import RawEndpoint

_ID, _SKIP = "inference_id", "skip"
_KIND = ("task_type", "service")
_CARE = ("lifecycle",)
_WHY_KIND = "settings of one service, or for one task, say nothing to another: nothing of the base would fit"


@dataclass(frozen=True, slots=True)
class Merged:
    """A base with an overlay on it. `given`: where the overlay spoke, also to remove. `missing`: it removes nothing."""

    value: dict[str, Json]
    given: frozenset[Path]
    missing: tuple[Path, ...]


def merge(base: JsonObject, overlay: JsonObject) -> Merged:
    """Mappings merge key by key; every other value replaces; null removes the key. The base is left as it is."""
    given: set[Path] = set()
    missing: list[Path] = []
    value = _merged(base, overlay, (), given, missing)
    return Merged(value, frozenset(given), tuple(missing))


def _merged(base: JsonObject, overlay: JsonObject, at: Path, given: set[Path], missing: list[Path]) -> dict[str, Json]:
    value = dict(base)
    for key, new in overlay.items():
        path, old = (*at, key), base.get(key)
        if isinstance(new, Mapping) and not has_form_of_reference(new, old):
            if not isinstance(old, Mapping) or (has_form_of_reference(old) and new and new.keys() <= {*KINDS}):
                given.add(path)
            old = old if isinstance(old, Mapping) else {}
            value[key] = _merged(old, new, path, given, missing)
            continue
        given.add(path)
        if new is not None:
            value[key] = new
        elif key in base:
            del value[key]
        else:
            missing.append(path)
    return value


@dataclass(frozen=True, slots=True)
class Overlaid:
    """The mappings with their overlays on them. `skipped`: where an overlay says so, by id.

    `covered` are those that stand in the files and not among `raws`: under an overlay, or skipped with it.
    """

    raws: tuple[RawEndpoint, ...]
    diagnostics: tuple[Diagnostic, ...] = ()
    skipped: Mapping[str, Span] = field(default_factory=dict)
    covered: tuple[RawEndpoint, ...] = ()


def overlay_all(raws: Sequence[RawEndpoint], overlays: Iterable[RawEndpoint], *, whole: bool = True) -> Overlaid:
    """Each overlay merged onto the mapping with its id; one that is a whole endpoint may stand by itself.

    `whole` False: some mappings could not be read, so nobody knows whether an overlay has a base.
    """
    ids = {_id(raw): None for raw in raws}
    compared = 0
    diagnostics: list[Diagnostic] = []
    by_id: dict[str, RawEndpoint] = {}
    for overlay in overlays:
        inference_id = _id(overlay)
        findings = list(_faults(overlay.value))
        if inference_id in by_id:
            diagnostics.append(_twice(inference_id, overlay, by_id[inference_id]))
            continue
        if inference_id:
            by_id[inference_id] = overlay
            if inference_id not in ids and not _is_whole(overlay.value) and whole:
                compared += len(ids)
                findings.append(_no_base(inference_id, ids if compared <= MOST_COMPARED else ()))
        diagnostics += map(overlay.places.locate, findings)
    skipped = {
        inference_id: overlay.places.span((_SKIP,))
        for inference_id, overlay in by_id.items()
        if value_at(overlay.value, (_SKIP,)) is True
    }
    final, covered = [], []
    for raw in raws:
        inference_id = _id(raw)
        if inference_id not in by_id:
            final.append(raw)
            continue
        merged = _onto(raw, by_id[inference_id], diagnostics)
        covered.append(raw)
        (covered if inference_id in skipped else final).append(merged)
    for inference_id, overlay in by_id.items():
        if inference_id not in ids and _is_whole(overlay.value):
            alone = replace(overlay, value=_without(overlay.value, _SKIP))
            (covered if inference_id in skipped else final).append(alone)
    return Overlaid(tuple(final), tuple(diagnostics), skipped, tuple(covered))


def _onto(raw: RawEndpoint, overlay: RawEndpoint, diagnostics: list[Diagnostic]) -> RawEndpoint:
    """The mapping with its overlay on it; what is wrong with the overlay goes to the diagnostics."""
    changed = [
        key
        for key in _KIND
        if value_at(overlay.value, (key,)) is not None
        and value_at(overlay.value, (key,)) != value_at(raw.value, (key,))
    ]
    texts = (*raw.places.texts, overlay.places.base)
    if changed and _is_whole(overlay.value):
        # How an endpoint is cared for does not depend on its kind: a protection would be lifted without a word.
        care = merge(
            *({key: one[key] for key in _CARE if key in one} for one in map(_mapping, (raw.value, overlay.value)))
        )
        diagnostics += map(overlay.places.locate, _removed_nothing(care, raw.value))
        over = {(key,): raw.places.base for key in care.value} | dict.fromkeys(care.given, overlay.places.base)
        places = replace(overlay.places, over=over, texts=(raw.places.base, *texts))
        return replace(overlay, value={**_without(overlay.value, _SKIP, *_CARE), **care.value}, places=places)
    diagnostics += (overlay.places.locate(_kind(key)) for key in changed)
    same = () if changed else [key for key in _KIND if value_at(overlay.value, (key,)) is not None]
    merged = merge(_mapping(raw.value), _without(overlay.value, _ID, _SKIP, *same))
    diagnostics += map(overlay.places.locate, _removed_nothing(merged, raw.value))
    over = {**raw.places.over, **dict.fromkeys(merged.given, overlay.places.base)}
    return replace(raw, value=merged.value, places=Places(raw.places.base, over, texts, raw.places.related))


def _id(raw: RawEndpoint) -> str:
    """The id; empty where none can be made out."""
    inference_id = value_at(raw.value, (_ID,))
    return inference_id if isinstance(inference_id, str) else ""


def _mapping(value: Json) -> JsonObject:
    assert isinstance(value, Mapping)  # it has an id
    return value


def _without(value: Json, *keys: str) -> dict[str, Json]:
    return {key: inner for key, inner in _mapping(value).items() if key not in keys}


def _is_whole(value: Json) -> bool:
    return all(value_at(value, (key,)) is not None for key in _KIND)


def _faults(overlay: Json) -> Iterator[Finding]:
    """What is wrong with an overlay by itself."""
    if not isinstance(overlay, Mapping):
        yield Finding((), "overlay.document", "an overlay is a mapping",
                      "each document holds one overlay or a list of them",
                      advice="inference_id: …, and what differs")  # fmt: skip
        return
    if not isinstance(overlay.get(_ID), str) or not overlay[_ID]:
        at: Path = (_ID,) if _ID in overlay else ()
        yield Finding(at, "overlay.inference-id", "an overlay names the endpoint that it changes",
                      "overlays are merged by inference_id", advice="inference_id: …")  # fmt: skip
    if not isinstance(overlay.get(_SKIP, False), bool):
        yield Finding((_SKIP,), "overlay.skip", "skip is true or false",
                      "an endpoint is left out of an environment, or it is not", "skip: true")  # fmt: skip


def _no_base(inference_id: str, ids: Iterable[str]) -> Finding:
    near = nearest(inference_id, filter(None, ids))
    what = f"no file declares {inference_id}, so this overlay changes nothing"
    why = "an endpoint of this environment alone is declared in whole: it has task_type, service and service_settings"
    fix = f"inference_id: {near}" if near else ""
    return Finding((_ID,), "overlay.no-base", what, why, fix, advice="declare the whole endpoint here, or remove this")


def _twice(inference_id: str, overlay: RawEndpoint, first: RawEndpoint) -> Diagnostic:
    what = f"{inference_id} has two overlays in this environment"
    why = "which of two counts must not depend on the names of files"
    finding = Finding((_ID,), "overlay.twice", what, why, advice="make one of the two")
    return replace(overlay.places.locate(finding), related=(("the first one is here", first.places.span((_ID,))),))


def _kind(key: str) -> Finding:
    what = f"an overlay with another {key} gives the whole endpoint"
    return Finding((key,), "overlay.kind", what, _WHY_KIND,
                   advice=f"remove {key}, or give task_type, service and all settings")  # fmt: skip


def _removed_nothing(merged: Merged, base: Json) -> Iterator[Finding]:
    compared = 0
    for path in merged.missing:
        beside = value_at(base, path[:-1])
        names = list(map(str, beside)) if isinstance(beside, Mapping) else []
        compared += len(names)
        yield _missing(path, names if compared <= MOST_COMPARED else ())


def _missing(path: Path, beside: Iterable[str]) -> Finding:
    near = nearest(str(path[-1]), beside)
    what = f"there is no {path_text(path)} to remove" + (f"; there is {near}" if near else "")
    why = "null takes a key of the base away, and the base has none of this name"
    return Finding(path, "overlay.removes-nothing", what, why, f"remove {path[-1]}", "key")
