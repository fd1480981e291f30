"""Our pages and the written catalogue say the same, fact by fact.

`INTENDED` lists each difference with its reason; an entry that no longer differs fails.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from tests.model.catalogue import catalogue, lines_of, lines_that_have, services

from inferctl.model import chunking
from inferctl.model.services import find, service_names
from inferctl.model.services.facts import By, Fact
from inferctl.model.services.rules import Providers
from inferctl.model.task_types import CHUNKED, TASK_TYPES
from inferctl.model.versions import LINES, NEWEST, Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inferctl.model.services.service import Service

Found = dict[tuple[str, ...], tuple[Any, Any]]

INTENDED: dict[tuple[str, ...], str] = {
    ("mixedbread", "text_embedding", "lines"): "the pull request was closed and the note says: treat as not released",
    (
        "custom",
        "embedding",
        "json_parser",
    ): "the layout of this task type is in no source; that of text_embedding stands",
    (
        "amazon_sagemaker",
        "task_settings",
        "*",
    ): "a key of this name is for inference calls only; endpoints are refused it",
    ("openshift_ai", "get", "dimensions_set_by_user"): "an internal flag, in no PUT; only declared keys are compared",
    (
        "amazon_sagemaker",
        "get",
        "dimensions_set_by_user",
    ): "an internal flag, in no PUT; only declared keys are compared",
}
# Keys of the catalogue that are not about what a file may hold or what a plan does.
NOT_OURS = {
    "service": {"py_client", "get_extras", "evidence", "in_specification", "since_note", "note", "chunking_note",
                "task_settings_note", "id_rule", "renames", "alias_of"},
    "task_type": {"note"},
    "field": {"description", "evidence", "note", "documented_since", "backported", "since_note", "updatable_note",
              "normalised", "get_form"},
}  # fmt: skip


def page(name: str) -> Service:
    found = find(name)
    assert found is not None
    return found


def differences(name: str) -> Found:
    """Everything of one service that differs: path -> (written, ours)."""
    written, ours = services()[name], page(name)
    found: Found = {}

    def compare(path: tuple[str, ...], left: Any, right: Any) -> None:
        if left != right:
            found[name, *path] = (left, right)

    known = {"name", "since", "available", "uncertain", "hidden", "deprecated", "task_types", "service_settings",
             "task_settings", "secrets", "get", "update", "provider_matrix"}  # fmt: skip
    compare(("keys",), set(written) - known - NOT_OURS["service"], set())
    compare(("title",), written["name"], ours.title)
    compare(("lines",), lines_of(written), lines_that_have(ours.since))
    compare(("since",), str(written["since"]), ours.since.text().split(" / ")[0])
    compare(("uncertain",), bool(written.get("uncertain")), ours.uncertain)
    compare(("internal",), bool(written.get("hidden")), ours.internal)
    compare(
        ("deprecated",), written.get("deprecated"), ours.deprecated.text().split(" / ")[0] if ours.deprecated else None
    )
    compare(("observed_name",), written.get("alias_of", name), ours.observed_name)
    compare(("task_types",), list(written["task_types"]), list(ours.task_types))
    for task, entry in written["task_types"].items():
        facts = ours.task_types[task]
        compare((task, "keys"), set(entry) - {"since", "available", "chunking", "rate_limit_default", "uncertain"}
                - NOT_OURS["task_type"], set())  # fmt: skip
        compare((task, "lines"), lines_of(entry, ours.since) & lines_of(written), lines_that_have(facts.since))
        compare((task, "chunking"), entry["chunking"], task in CHUNKED)
        compare((task, "uncertain"), bool(entry.get("uncertain")), facts.uncertain)
        for line in LINES:
            compare(
                (task, "rate_limit", str(line)),
                rate_limit(entry["rate_limit_default"], line),
                facts.rate_limit_in(line),
            )
    for part in ("service_settings", "task_settings"):
        settings = ours.service_settings if part == "service_settings" else ours.task_settings
        compare((part,), [key for key in written[part] if key != "*"], list(settings))
        if "*" in written[part]:
            found[name, part, "*"] = ("any", None)
        for key, entry in written[part].items():
            if key in settings:
                compare_field((part, key), entry, settings[key], ours, compare)
    compare(("secrets",), written["secrets"]["fields"], [k for k, f in ours.service_settings.items() if f.secret])
    compare_get(written, ours, compare)
    compare_update(written, ours, compare)
    compare_providers(written.get("provider_matrix"), ours, compare)
    return found


def rate_limit(entry: Any, line: Version) -> Any:
    if isinstance(entry, dict):
        return entry["until 9.1"] if line <= Version(9, 1) else entry["from 9.2"]
    return entry


def compare_field(path: tuple[str, ...], entry: dict[str, Any], fact: Fact, ours: Service, compare: Any) -> None:
    known = {"type", "required", "secret", "updatable", "updatable_since", "updatable_since_uncertain", "default",
             "server_filled", "enum", "range", "task_types", "put_allowed", "get_visible", "aliases", "uncertain", "since",
             "until", "items", "fields"}  # fmt: skip
    compare((*path, "keys"), set(entry) - known - NOT_OURS["field"], set())
    compare((*path, "description"), *described(entry, fact))
    compare((*path, "type"), entry["type"], written_type(entry, fact))
    compare((*path, "required"), entry.get("required", False), fact.required)
    compare((*path, "secret"), bool(entry.get("secret")), fact.secret)
    compare((*path, "enum"), tuple(entry.get("enum", ())), fact.enum)
    compare((*path, "range"), *ranges(entry, fact))
    compare((*path, "filled"), bool(entry.get("server_filled")), fact.filled)
    compare((*path, "task_types"), frozenset(entry.get("task_types", ())), fact.task_types)
    compare((*path, "uncertain"), bool(entry.get("uncertain")), fact.uncertain)
    compare((*path, "evidence"), entry.get("evidence", ""), fact.evidence or "")
    compare((*path, "lines"), field_lines(entry), lines_that_have(fact.since) & until(fact.until))
    compare((*path, "put_allowed"), put_allowed(entry, ours, fact), {t: fact.may_be_put(t) for t in tasks(fact, ours)})
    compare((*path, "visible"), visible(entry), seen(fact))
    compare((*path, "aliases"), aliases(entry), fact.aliases)
    compare((*path, "items"), items(path[1], entry), fact.items)
    compare((*path, "fold"), fold(entry), fact.fold)
    compare(
        (*path, "synonyms"), dict(re.findall(r"(\w+) becomes (\w+)", entry.get("normalised", ""))), dict(fact.synonyms)
    )
    compare(
        (*path, "shown_as"),
        re.findall(r"under the key (\w+)", entry.get("get_form", "")),
        [fact.shown_as] if fact.shown_as else [],
    )
    compare((*path, "live"), "live number" in entry.get("note", "") or path[1] == "num_allocations", fact.live)
    updatable = str(entry["updatable_since"]) if entry.get("updatable") else None
    compare(
        (*path, "updatable_since"),
        updatable,
        fact.updatable_since.text().split(" / ")[0] if fact.updatable_since else None,
    )
    compare((*path, "updatable_uncertain"), bool(entry.get("updatable_since_uncertain")), fact.updatable_uncertain)
    if path[1] != "rate_limit":
        for task in fact.task_types or ours.task_types:
            for kind in ("", "float", "int8", "byte", "bit", "binary"):
                compare((*path, "default", task, kind), *defaults(entry, fact, task, kind))
    compare_inside(path, entry, fact, ours, compare)


def described(entry: dict[str, Any], fact: Fact) -> tuple[bool, bool]:
    """Every field of the catalogue has a description, and so have ours."""
    return bool(entry.get("description")), bool(fact.description)


def written_type(entry: dict[str, Any], fact: Fact) -> str:
    """`float` is ours, for the numbers that the catalogue notes must have a decimal point."""
    return "number" if fact.type == "float" and "floating-point" in entry.get("note", "") else fact.type


def ranges(entry: dict[str, Any], fact: Fact) -> tuple[Any, Any]:
    given = entry.get("range") or {}
    bounds = tuple(value if isinstance(value := given.get(end), int | float) else None for end in ("min", "max"))
    return bounds, (fact.minimum, fact.maximum)


def field_lines(entry: dict[str, Any]) -> frozenset[Version]:
    last = Version.parse(entry["until"]) if "until" in entry else None
    return lines_of(entry) & until(last)


def until(last: Version | None) -> frozenset[Version]:
    return frozenset(line for line in LINES if last is None or line <= last)


def tasks(fact: Fact, ours: Service) -> list[str]:
    return [task for task in ours.task_types if fact.applies_to(task)]


def put_allowed(entry: dict[str, Any], ours: Service, fact: Fact) -> dict[str, bool]:
    """By task type. "until 9.1" is a matter of versions; one field is closed in words only."""
    closed = re.findall(r"not accepted for (\w+)", entry.get("description", ""))
    return {task: entry.get("put_allowed", True) is not False and task not in closed for task in tasks(fact, ours)}


def visible(entry: dict[str, Any]) -> str:
    """always, never, or sometimes: where versions differ, or the catalogue is not sure."""
    given = entry.get("get_visible", True)
    if isinstance(given, str) or (entry.get("uncertain") and not entry.get("secret") and given is False):
        return "sometimes"
    if "whether GET showed it" in entry.get("note", ""):
        return "sometimes"
    return "always" if given else "never"


def seen(fact: Fact) -> str:
    if fact.secret or fact.hidden:
        return "never"
    return "sometimes" if fact.unseen else "always"


def aliases(entry: dict[str, Any]) -> tuple[str, ...]:
    return tuple(text.split(" ")[0] for text in entry.get("aliases", ()))


def items(name: str, entry: dict[str, Any]) -> str:
    given = entry.get("items", "")
    if given:
        return "pair" if given.startswith("[") else "string"
    if entry["type"] == "object" and name == "headers":
        return "string"
    return "scalar" if "strings, numbers, booleans" in entry.get("description", "") else ""


def fold(entry: dict[str, Any]) -> str | None:
    """GET prints enums in lower case, except where it says otherwise (common_normalisation.enum_case)."""
    if entry["type"] != "enum":
        return None
    return "upper" if "upper case" in entry.get("get_form", "") else "lower"


def defaults(entry: dict[str, Any], fact: Fact, task: str, kind: str) -> tuple[Any, Any]:
    """The default for a task type, and for an embedding type where it depends on that."""
    return written_default(entry, task, kind), fact.default_for(task, {"embedding_type": kind} if kind else {})


def written_default(entry: dict[str, Any], task: str, kind: str) -> Any:
    given = entry.get("default")
    if isinstance(given, str) and entry.get("enum") and given.lower() not in entry["enum"]:
        return None  # a sentence about the platform
    if isinstance(given, str) and entry["type"] == "enum":
        return given.lower()
    if not isinstance(given, dict) or entry["type"] == "object":
        return given
    if "newest source" in given:  # the later version stands
        plain, _, other = str(given["newest source"]).partition(", ")
        special, _, kinds = other.partition(" for ")
        return special if kind in (kinds, {"bit": "binary"}.get(kinds)) else plain
    if "float" in given:
        by_kind = {word: value for words, value in given.items() for word in words.split(" or ")}
        return by_kind.get(kind, by_kind["float"])
    return given.get(task, given.get("others"))


def compare_inside(path: tuple[str, ...], entry: dict[str, Any], fact: Fact, ours: Service, compare: Any) -> None:
    inside = dict(entry.get("fields", {}))
    if path[1] == "rate_limit":
        inside.setdefault("requests_per_minute", {"type": "integer", "range": {"min": 1}})
    if path[1] == "adaptive_allocations":  # elser: "same shape as in the elasticsearch service"
        inside = services()["elasticsearch"]["service_settings"]["adaptive_allocations"]["fields"]
    compare((*path, "fields"), list(inside), list(fact.fields))
    for name, inner in inside.items():
        known = fact.fields[name]
        compare((*path, name, "type"), inner["type"], known.type)
        compare((*path, name, "enum"), tuple(inner.get("enum", ())), known.enum)
        compare((*path, name, "minimum"), (inner.get("range") or {}).get("min"), known.minimum)
        if path[1] != "rate_limit":
            compare((*path, name, "default"), inner.get("default"), known.default)
        if name == "translation":
            compare((*path, name, "keys"), inner["keys"], list(known.fields))
        if name == "json_parser":
            compare_parser(inner["by_task_type"], known, ours, compare)


def compare_parser(written: dict[str, Any], known: Fact, ours: Service, compare: Any) -> None:
    for task in ours.task_types:
        inside = {name: fact for name, fact in known.fields.items() if fact.applies_to(task)}
        compare((task, "json_parser"), list(written.get(task, {})), list(inside))
        for name, entry in written.get(task, {}).items():
            if isinstance(entry, str):
                compare(
                    (task, "json_parser", name),
                    entry,
                    f"{'required' if inside[name].required else 'optional'} JSONPath",
                )
            else:
                got = {"since": inside[name].since.text() if inside[name].since else "", "enum": list(inside[name].enum),
                       "default": inside[name].default, "server_filled": inside[name].filled}  # fmt: skip
                compare((task, "json_parser", name), entry, got)


def compare_get(written: dict[str, Any], ours: Service, compare: Any) -> None:
    """`get.service_settings_keys`: what GET can show is what we know and do not hide."""
    text = " ".join(written["get"]["service_settings_keys"])
    shown = set(re.findall(r"[a-z_]{3,}", re.sub(r"\([^)]*\)", " ", text)))
    flag = {"dimensions_set_by_user"} & shown
    compare(("get", "dimensions_set_by_user"), flag, set())
    compare(("get",), shown - flag, {n for n, f in ours.service_settings.items() if seen(f) != "never"})


def compare_update(written: dict[str, Any], ours: Service, compare: Any) -> None:
    update = written["update"]
    for key, secret, mutable in (("mutable_service_settings", False, True), ("mutable_secrets", True, True),
                                 ("immutable_service_settings", False, False)):  # fmt: skip
        names = [
            n
            for n, f in ours.service_settings.items()
            if f.secret is secret and (f.updatable_since is not None) is mutable
        ]
        compare(("update", key), update[key], names)


def compare_providers(matrix: Any, ours: Service, compare: Any) -> None:
    table: Mapping[str, Any] = next((rule.offers for rule in ours.rules if isinstance(rule, Providers)), {})
    wanted = {
        task: {kind: set(names) for kind, names in (given.items() if isinstance(given, dict) else [("", given)])}
        for task, given in (matrix or {}).items()
        if task in ours.task_types
    }
    compare(("provider_matrix",), wanted, {t: {k: set(names) for k, names in by.items()} for t, by in table.items()})


def all_differences() -> Iterator[tuple[tuple[str, ...], tuple[Any, Any]]]:
    for name in services():
        yield from differences(name).items()


def test_the_same_services() -> None:
    assert sorted(services()) == sorted(service_names())
    assert len(services()) == 29


@pytest.mark.parametrize("name", service_names())
def test_a_page_says_what_the_catalogue_says(name: str) -> None:
    unexpected = {path: pair for path, pair in differences(name).items() if path not in INTENDED}
    assert unexpected == {}


def test_every_intended_difference_is_one() -> None:
    assert set(INTENDED) - {path for path, _ in all_differences()} == set()
    assert all(len(reason) > 20 for reason in INTENDED.values())


def test_the_numbers_of_the_catalogue() -> None:
    pages = [page(name) for name in service_names()]
    assert sum(len(p.service_settings) for p in pages) == sum(len(s["service_settings"]) for s in services().values())
    assert sum(len(p.task_settings) for p in pages) == sum(len(s["task_settings"]) for s in services().values()) - 1


def test_task_types_by_version() -> None:
    for text, names in catalogue()["task_types"]["by_version"].items():
        if text != "main":
            version = Version.parse(text)
            assert {name for name, first in TASK_TYPES.items() if first.includes(version)} == set(names), text
    assert {n for n, e in catalogue()["task_types"].items() if isinstance(e, dict) and e.get("chunking")} == CHUNKED


def test_rate_limits_and_similarities_of_the_common_tables() -> None:
    common = catalogue()["common_normalisation"]
    for name, by_task in common["rate_limit"]["table"].items():
        for task, entry in by_task.items():
            for line in LINES:
                assert page(name).task_types[task].rate_limit_in(line) == rate_limit(entry, line), (name, task, line)
    given = common["similarity_default"]
    for name in service_names():
        fact = page(name).service_settings.get("similarity")
        default = fact.default if fact else None
        if isinstance(default, By):
            assert isinstance(given[name], dict), name
        else:
            assert given.get(name) == default, name
    free = {re.sub(r" .*", "", text) for text in common["no_rate_limit_services"]}
    assert free == {
        n for n in service_names() if all(t.rate_limit_in(NEWEST) is None for t in page(n).task_types.values())
    }


def test_chunking_by_version() -> None:
    written = catalogue()["chunking_settings"]
    assert set(written["applies_to"]) == CHUNKED
    assert written["default_when_absent_or_empty"] == dict(chunking.DEFAULT)
    assert written["default_for_endpoints_created_before_8_16"] == dict(chunking.AFTER_RESET)
    assert set(written["strategies"]) == set(chunking.FIELDS)
    for name, entry in written["strategies"].items():
        assert lines_of(entry) == lines_that_have(chunking.SINCE[name]), name
        assert set(entry["fields"]) == set(chunking.FIELDS[name]), name
        size = entry["fields"].get("max_chunk_size")
        if size:
            assert size["range"]["min"] == chunking.SMALLEST[name]
            early, late = size["range"]["max"].values()
            assert [chunking.largest(line, elser=False) for line in LINES] == [
                early if line <= Version(9, 1) else late for line in LINES
            ]
    assert set(written["strategies"]["recursive"]["fields"]["separator_group"]["enum"]) == set(chunking.GROUPS)
    assert "at most 300" in written["model_caps"]["ELSER models"]
    assert chunking.largest(NEWEST, elser=True) == 300
    assert f"at most {chunking.MOST_SEPARATORS}" in written["strategies"]["recursive"]["fields"]["separators"]["note"]
