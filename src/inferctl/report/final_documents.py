"""The final documents of an environment, and how those of two differ: as the source form, as YAML and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, cast

from inferctl.json_types import escaped_commands, path_text, value_at
from inferctl.planner.diff import field_changes
from inferctl.planner.field_change import ABSENT, FieldChange
from inferctl.report.escape import clean
from inferctl.report.field_change import leaf, leaf_lines
from inferctl.report.plan_view import field_view
from inferctl.report.sentences import counted
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.text_lines import wrapped
from inferctl.secrets.reference import parse_reference
from inferctl.syntax.block_style import block_lines
from inferctl.syntax.fixes import without

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.report.shape.diagnostics import SpanView
    from inferctl.report.shape.final_documents import DifferenceView, DiffView, OriginView, RenderedView, RenderView
    from inferctl.report.style import Style
    from inferctl.syntax.places import Places

_SYMBOLS = {"changed": "~", "added": "+", "removed": "-"}
_VALUE = 1_000  # characters of a value in the text of a difference, where no terminal is narrower
_BESIDE = 12  # what stands beside a value that has a line for itself
_FURTHEST = 60  # where origins stand below each other; those of longer lines begin where the line ends


@dataclass(frozen=True, slots=True)
class FinalDocument:
    """An endpoint as an environment has it: what its files say together. `secrets`: where references to secrets are."""

    inference_id: str
    value: JsonObject
    places: Places
    secrets: frozenset[Path] = frozenset()


def render_view(environment: str, documents: Iterable[FinalDocument], *, origin: bool = False) -> RenderView:
    """`schema/render.json` describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "render",
        "environment": environment,
        "endpoints": [_rendered(document, origin=origin) for document in _in_order(documents)],
    }


def _rendered(document: FinalDocument, *, origin: bool) -> RenderedView:
    view: RenderedView = {"id": document.inference_id, "document": dict(document.value)}
    if origin:
        view["origins"] = [_origin(path, document.places) for path in _values(document.value)]
    return view


def _values(value: Json, at: Path = ()) -> Iterator[Path]:
    """The paths of all values that hold no others; a reference to a secret is one value."""
    if not isinstance(value, Mapping | list | tuple) or not value or parse_reference(value) is not None:
        yield at
        return
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    for part, inner in items:
        yield from _values(inner, (*at, part))


def _origin(path: Path, places: Places) -> OriginView:
    related = [{"text": text, "span": asdict(span)} for text, span in places.related_to(path)]
    return cast("OriginView", {"path": path_text(path), "span": asdict(places.span(path)), "related": related})


def render_yaml(view: RenderView) -> str:
    """Endpoint files as one stream; where the view has origins, each value alone on a line, its origin behind it."""
    head = f"# Environment {_comment(view['environment'])}.\n" if view["environment"] else ""
    return head + "---\n".join("".join(f"{line}\n" for line in _lines(one)) for one in view["endpoints"])


def _lines(rendered: RenderedView) -> list[str]:
    if "origins" not in rendered:
        return [line for line, _ in block_lines(rendered["document"])]
    paths = {*_values(rendered["document"])}
    pairs = [*block_lines(rendered["document"], alone=paths.__contains__)]
    column = max((len(line) for line, path in pairs if path and len(line) <= _FURTHEST), default=0)
    origins = map(_origin_words, rendered["origins"])  # both in the order of the document
    return [f"{line:<{column}}  # {next(origins)}" if path else line for line, path in pairs]


def _origin_words(origin: OriginView) -> str:
    words = [_place(origin["span"]), *(f"{one['text']} at {_place(one['span'])}" for one in origin["related"])]
    return _comment(", ".join(words))


def _place(span: SpanView) -> str:
    return f"{span['file']}:{span['line']}:{span['column']}"


def _comment(text: str) -> str:
    return escaped_commands(clean(text))


def diff_view(
    environments: tuple[str, str], before: Iterable[FinalDocument], after: Iterable[FinalDocument]
) -> DiffView:
    """`schema/diff.json` describes it: what to do to the documents of the first to get those of the second."""
    left, right = ({one.inference_id: one for one in documents} for documents in (before, after))
    found = [_difference(i, left.get(i), right.get(i)) for i in sorted({*left, *right})]
    listed = [one for one in found if one is not None]
    counts = Counter(one["difference"] for one in listed)
    return {
        "format_version": FORMAT_VERSION,
        "kind": "diff",
        "from_environment": environments[0],
        "to_environment": environments[1],
        "summary": {
            "changed": counts["changed"],
            "added": counts["added"],
            "removed": counts["removed"],
            "same": len(found) - len(listed),
        },
        "endpoints": listed,
    }


def _difference(inference_id: str, before: FinalDocument | None, after: FinalDocument | None) -> DifferenceView | None:
    if before is None or after is None:
        return {"id": inference_id, "difference": "added" if before is None else "removed", "fields": []}
    fields = [*field_changes(_open(before), _open(after)), *_secret_changes(before, after)]
    if not fields:
        return None
    in_order = sorted(fields, key=lambda field: path_text(field.path))
    return {"id": inference_id, "difference": "changed", "fields": [field_view(field) for field in in_order]}


def _open(document: FinalDocument) -> Mapping[str, Json]:
    """The document without its secrets."""
    value: Mapping[str, Json] = document.value
    for path in document.secrets:
        value = without(value, path)
    return value


def _secret_changes(before: FinalDocument, after: FinalDocument) -> Iterator[FieldChange]:
    for path in before.secrets | after.secrets:
        sides = [value_at(one.value, path) if path in one.secrets else ABSENT for one in (before, after)]
        if sides[0] != sides[1]:
            yield FieldChange(path, sides[0], sides[1], sensitive=True)


def diff_text(view: DiffView, style: Style) -> str:
    """A line per endpoint and what differs below it; then the counts. Ends in a newline."""
    origin, to = (clean(view[key], ascii_only=style.ascii) for key in ("from_environment", "to_environment"))
    lines = [style.paint(f"From {origin} to {to}", "bold"), ""]
    limit = _VALUE if style.width is None else style.columns - _BESIDE
    only = {"added": f"  only in {to}", "removed": f"  only in {origin}", "changed": ""}
    for one in view["endpoints"]:
        name = clean(one["id"], ascii_only=style.ascii)
        lines.append(f"{style.symbol(_SYMBOLS[one['difference']])} {name}{only[one['difference']]}")
        lines += leaf_lines([leaf(field, style, limit) for field in one["fields"]], style)
    lines += [""] if view["endpoints"] else []
    summary = view["summary"]
    numbers = (
        (summary["changed"], "different"),
        (summary["added"], f"only in {to}"),
        (summary["removed"], f"only in {origin}"),
        (summary["same"], "the same"),
    )
    total = ", ".join(f"{number} {word}" for number, word in numbers if number)
    lines.append(style.paint(f"Diff: {total or counted(0, 'endpoint')}.", "bold"))
    return "\n".join(wrapped(lines, style)) + "\n"


def _in_order(documents: Iterable[FinalDocument]) -> list[FinalDocument]:
    return sorted(documents, key=lambda document: document.inference_id)
