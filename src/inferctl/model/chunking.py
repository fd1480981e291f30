"""`chunking_settings`: a class for each strategy, what depends on the version, and one comparable form.

Source: docs/reference/server/chunking.md.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, ClassVar, Literal, get_args

from pydantic import Field, ValidationError

from inferctl.json_types import Json, JsonObject, is_whole
from inferctl.model.services.marks import Default, Doc, Example
from inferctl.model.services.setting import settings_of
from inferctl.model.services.settings import Settings, Target, judge_with
from inferctl.model.services.types import AtLeast, Between, PositiveInt
from inferctl.model.task_types import CHUNKED, TASK_TYPES
from inferctl.model.versions import NEWEST, Since, Version, since
from inferctl.nearest import nearest
from inferctl.syntax.finding import Finding

DEFAULT: JsonObject = MappingProxyType({"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1})
# What an endpoint reads as when an update lost them (docs/reference/server/reconciling.md#known-faults).
AFTER_RESET: JsonObject = MappingProxyType({"strategy": "word", "max_chunk_size": 250, "overlap": 100})
LARGEST = 300
LARGEST_UNTIL = Version(9, 1)  # for ELSER it stays
MOST_SEPARATORS = 50
MOST_SEPARATORS_SINCE = since("9.4.8", "9.5.5")
# What the server stores in the place of a group; without both keys it takes plaintext.
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "plaintext": ("(?<!\\n)\\n\\n(?!\\n)", "(?<!\\n)\\n(?!\\n)"),
        "markdown": (
            *(f"\n{'#' * level} " for level in range(1, 7)),
            "\n^(?!\\s*$).*\\n-{1,}\\n",
            "\n^(?!\\s*$).*\\n={1,}\\n",
        ),
    }
)
DEFAULT_GROUP = "plaintext"
_NO_NEIGHBOUR = re.compile(r"\(\?<?!\\?n\)|\(\?<?!\n\)")


class Chunking(Settings):
    """How texts are cut. There is no default once the object is given."""

    since: ClassVar[Since] = since("8.16")


class Sentence(Chunking):
    """Whole sentences, up to max_chunk_size words."""

    strategy: Literal["sentence"]
    max_chunk_size: Annotated[int, AtLeast(20), Doc("Words per chunk."), Example(250)]
    sentence_overlap: Annotated[
        Annotated[int, Between(0, 1)] | None, Doc("Sentences that two chunks share."), Default(1)
    ] = None


class Word(Chunking):
    """A number of words, overlapping."""

    strategy: Literal["word"]
    max_chunk_size: Annotated[int, AtLeast(10), Doc("Words per chunk."), Example(250)]
    overlap: Annotated[PositiveInt, Doc("Words that two chunks share, at most half of max_chunk_size."), Example(100)]


class Recursive(Chunking):
    """Split at separators, the next one where a piece is still too long."""

    since: ClassVar[Since] = since("8.19")
    strategy: Literal["recursive"]
    max_chunk_size: Annotated[int, AtLeast(10), Doc("Words per chunk."), Example(250)]
    separators: Annotated[
        Annotated[list[str], Field(min_length=1)] | None,
        Doc("Regular expressions, the coarsest first."),
        Example(["\n\n", "\n"]),
    ] = None
    separator_group: Annotated[
        Literal["plaintext", "markdown"] | None,
        Doc("A list of separators that the server knows by name."),
        Default(DEFAULT_GROUP),
    ] = None


class Whole(Chunking):
    """The text as it is, in one piece."""

    since: ClassVar[Since] = since("8.19")
    strategy: Literal["none"]


AnyChunking = Annotated[Sentence | Word | Recursive | Whole, Field(discriminator="strategy")]
STRATEGIES: Mapping[str, type[Chunking]] = {
    get_args(cls.model_fields["strategy"].annotation)[0]: cls for cls in get_args(get_args(AnyChunking)[0])
}
# Of any strategy.
CHUNKING_NAMES = frozenset(name for cls in STRATEGIES.values() for name in cls.model_fields)


def fields(strategy: str) -> tuple[str, ...]:
    """The keys of a strategy beside its name; none of a strategy that we do not know."""
    cls = STRATEGIES.get(strategy)
    return tuple(name for name in cls.model_fields if name != "strategy") if cls is not None else ()


def largest(version: Version, *, elser: bool) -> int | None:
    """The upper bound of `max_chunk_size`; None from 9.2, where only ELSER keeps one."""
    return LARGEST if elser or version.effective() <= LARGEST_UNTIL else None


def limits(version: Version) -> dict[str, JsonObject]:
    """What this server limits beside the classes, by setting, in the words of JSON Schema."""
    high = largest(version, elser=False)
    most: JsonObject = {"maxItems": MOST_SEPARATORS} if MOST_SEPARATORS_SINCE.may_include(version) else {}
    return {"max_chunk_size": {} if high is None else {"maximum": high}, "separators": most}


def read_chunking(
    settings: JsonObject | None,
    task_type: str | None,
    version: Version | None,
    *,
    elser: bool = False,
    loose: bool = False,
) -> tuple[Chunking | None, list[Finding]]:
    """The chunking settings, and all that is wrong with them; paths start with `chunking_settings`.

    None for an empty mapping, which is as good as no mapping, and where something is wrong. `loose`: unknown keys are
    let by, and stand for no other.
    """
    server = version or NEWEST
    if not settings:
        return None, []
    if task_type in TASK_TYPES and task_type not in CHUNKED:
        what, why = f"{task_type} has no chunking_settings", "only embedding task types cut their input into chunks"
        return None, [_finding((), "chunking.task-type", what, why, "remove chunking_settings", "key")]
    strategy = settings.get("strategy")
    cls = STRATEGIES.get(strategy) if isinstance(strategy, str) else None
    if cls is None:
        near = nearest(strategy, STRATEGIES) if isinstance(strategy, str) else ""
        at = ("strategy",) if "strategy" in settings else ()
        return None, [_finding(at, "chunking.strategy", f"strategy must be one of {', '.join(STRATEGIES)}",
                         "an object without a strategy is refused, and the word must be lower case",
                         f"strategy: {near or 'sentence'}")]  # fmt: skip
    if not cls.since.includes(server):
        return None, [_finding(("strategy",), "field.version", f"strategy {strategy} needs {cls.since.text()}",
                         f"the server is {server}", "strategy: sentence")]  # fmt: skip
    findings: list[Finding] = []
    built = None
    target = Target(server, loose=loose, whole=True)
    try:
        built = cls.model_validate(settings, context=target)
    except ValidationError as error:
        findings = _explained(error, settings, cls, target, elser=elser)
    taken = {finding.path for finding in findings}
    findings += [finding for finding in _together(settings, server, elser=elser) if finding.path not in taken]
    return None if findings else built, findings


def _explained(
    error: ValidationError, settings: JsonObject, cls: type[Chunking], target: Target, *, elser: bool
) -> list[Finding]:
    def tried(value: JsonObject) -> None:
        judge_with(cls, value, target, list(_together(value, target.version, elser=elser)))

    from inferctl.syntax.model_findings import Wording, findings  # noqa: PLC0415  good settings do without

    wording = Wording(
        "field.unknown", "field.missing", "field.type", "field.type", "field.range", "field.enum",
        noun="setting", document="the strategy", why_missing="a given object switches the defaults off",
    )  # fmt: skip
    found = findings(error, settings, cls, wording, validate=tried)
    return [replace(finding, path=("chunking_settings", *finding.path)) for finding in found]


def _together(settings: JsonObject, server: Version, *, elser: bool) -> Iterator[Finding]:
    """What depends on the server, the model and on other keys. Values of the wrong kind are somebody else's."""
    strategy, size, overlap = settings["strategy"], settings.get("max_chunk_size"), settings.get("overlap")
    high = largest(server, elser=elser)
    if high is not None and strategy != "none" and isinstance(size, int) and is_whole(size) and size > high:
        what, why = f"max_chunk_size must be at most {high}", "it is the upper bound before 9.2, and for ELSER"
        yield _finding(("max_chunk_size",), "field.range", what, why, f"max_chunk_size: {high}")
    if strategy == "word" and isinstance(size, int) and isinstance(overlap, int) and is_whole(size):
        half = size // 2
        if half >= (settings_of(Word)["max_chunk_size"].minimum or 0) / 2 and overlap > half:
            what, why = f"overlap must be at most {half}", "it is at most half of max_chunk_size"
            yield _finding(("overlap",), "field.range", what, why, f"overlap: {half}")
    if "separators" in settings and "separator_group" in settings:
        what, why = "separators and separator_group exclude each other", "the server takes one of them"
        yield _finding(("separator_group",), "rule.exclusive", what, why, "remove separator_group", "key")
    separators = settings.get("separators")
    bounded = MOST_SEPARATORS_SINCE.may_include(server)
    if isinstance(separators, list) and len(separators) > MOST_SEPARATORS and bounded:
        what = f"separators must have at most {MOST_SEPARATORS} entries"
        why = f"it is the upper bound from {MOST_SEPARATORS_SINCE.text()} on"
        from inferctl.syntax.fixes import entry_line  # noqa: PLC0415  only for a fault

        fix = entry_line("separators", separators[:MOST_SEPARATORS])
        yield _finding(("separators",), "field.range", what, why, fix)


def _finding(  # noqa: PLR0917  the order of a diagnostic's parts
    path: tuple[str | int, ...], code: str, what: str, why: str, fix: str, at: Literal["key", "value"] = "value"
) -> Finding:
    return Finding(("chunking_settings", *path), code, what, why, fix, at)


def comparable(settings: JsonObject | None) -> JsonObject | None:
    """One form for what is PUT and what GET shows.

    GET shows a separator group as its expanded list. So a list that is the expansion of a group carries the name
    of the group too, and who asks for a group compares the name; who gives a list of his own compares the list.
    """
    if not settings:
        return None
    strategy = settings.get("strategy")
    kept = {name: settings[name] for name in ("strategy", *fields(str(strategy))) if name in settings}
    if strategy == "sentence":
        kept.setdefault("sentence_overlap", 1)
    if strategy == "recursive":
        separators = settings.get("separators")
        group = group_of(separators) if separators else settings.get("separator_group", DEFAULT_GROUP)
        kept.pop("separator_group", None)
        if group is not None:
            kept["separator_group"] = group
    return kept


def group_of(separators: Json) -> str | None:
    """The group whose expansion a list is, or None for a list of somebody's own.

    Servers spell the expressions a little differently, so the shape counts: all six levels of headings, or the
    two kinds of line breaks.
    """
    if not isinstance(separators, Sequence) or isinstance(separators, str):
        return None
    texts = [text for text in separators if isinstance(text, str)]
    if set(GROUPS["markdown"][:6]) <= {text.replace("\\n", "\n") for text in texts}:
        return "markdown"
    breaks = [_NO_NEIGHBOUR.sub("", text).replace("\\n", "\n") for text in texts]
    return "plaintext" if breaks == ["\n\n", "\n"] else None
