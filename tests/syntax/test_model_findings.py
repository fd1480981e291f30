"""Pydantic's errors as findings: one for a mistake, and a fix that mends it when it is typed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import AfterValidator, Field, ValidationError
from tests.typed_fix import typed

from inferctl.syntax.document import CrossChecked, DecimalNumber, Document, Listed, SetOf, Why, fault
from inferctl.syntax.finding import Finding
from inferctl.syntax.model_findings import Wording, findings, first_sentence
from inferctl.syntax.model_places import known_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import ValidationInfo
    from pydantic_core import PydanticCustomError

WORDING = Wording("t.unknown", "t.missing", "t.type", "t.value", range="t.range", enum="t.enum", document="a thing")


def _even(value: int) -> int:
    if value % 2:
        raise fault("t.odd", "{odd} is no even number", "braces stand as they are", f"even: {value + 1}")
    return value


class Env(Document):
    env: str


class File(Document):
    file: str


class Window(Document):
    strategy: Literal["sentence"]
    size: Annotated[int, Field(ge=20, le=300)]


class Whole(Document):
    strategy: Literal["none"]


class Limits(CrossChecked):
    low: Annotated[int, Field(ge=0)] = 0
    high: Annotated[int, Field(ge=0)] = 9

    @classmethod
    def conditions(cls, raw: Mapping[str, Any], info: ValidationInfo) -> Iterator[PydanticCustomError]:
        del info
        if isinstance(raw.get("low"), int) and isinstance(raw.get("high"), int) and raw["low"] > raw["high"]:
            yield fault("t.order", "low is above high", "nothing lies between", f"low: {raw['high']}", at=("low",))


class Thing(Document):
    name: Annotated[str, Field(pattern="^[a-z][a-z-]*$", examples=["red-shoe"]), Why("it is part of a path")]
    size: Annotated[int, Field(ge=1, le=100)] | None = None
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    heat: DecimalNumber | None = None
    step: Annotated[int, Field(ge=8, multiple_of=8)] = 8
    loud: bool = False
    word: Literal["red", "green", "blue"] = "red"
    words: SetOf[Literal["red", "green"]] = frozenset()
    globs: Listed[str] = ()
    ports: Listed[int] = ()
    tags: dict[str, str] = Field({})
    count: Annotated[int, Field(ge=0)] | Annotated[str, Field(pattern="^[0-9]+%$")] | None = None
    even: Annotated[int, AfterValidator(_even)] = 0
    api_key: Annotated[Env | File | None, Field(examples=[{"env": "THE_KEY"}])] = None
    chunks: Annotated[Window | Whole, Field(discriminator="strategy")] | None = None
    limits: Limits = Limits()
    parts: Listed[Window] = ()
    short: Annotated[str, Field(min_length=1, max_length=3, examples=["abc"])] | None = None
    since: Annotated[int | None, Field(validation_alias="from", ge=2000)] = None


def found(value: Any) -> list[Finding]:
    try:
        Thing.model_validate(value)
    except ValidationError as error:
        return findings(error, value, Thing, WORDING)
    return []


# What is written beside a good name; the place, the code and the fix.
MISTAKES: list[tuple[dict[str, Any], tuple[str | int, ...], str, str]] = [
    ({"naem": 1}, ("naem",), "t.unknown", "remove naem"),
    ({"siez": 5}, ("siez",), "t.unknown", "size: 5"),
    ({"siez": "5"}, ("siez",), "t.unknown", "size: 5"),
    ({"limit": {"low": 3}}, ("limit",), "t.unknown", "limits: {low: 3}"),
    ({"low": 5}, ("low",), "t.unknown", "limits: {low: 5}"),
    ({"low": 5, "limits": {}}, ("low",), "t.unknown", "remove low"),
    ({"zzz": 5}, ("zzz",), "t.unknown", "remove zzz"),
    ({"": 5}, ("",), "t.unknown", 'remove ""'),
    ({"a: b": 5}, ("a: b",), "t.unknown", 'remove "a: b"'),
    ({"size": "512"}, ("size",), "t.type", "size: 1"),
    ({"size": "51"}, ("size",), "t.type", "size: 51"),
    ({"size": True}, ("size",), "t.type", "size: 1"),
    ({"size": None}, (), "", ""),
    ({"step": None}, ("step",), "t.type", "remove step"),
    ({"size": 0}, ("size",), "t.range", "size: 1"),
    ({"size": 512}, ("size",), "t.range", "size: 100"),
    ({"share": 0.0}, ("share",), "t.range", "share: 0.5"),
    ({"heat": 3}, ("heat",), "t.type", "heat: 3.0"),
    ({"heat": "hot"}, ("heat",), "t.type", "heat: 1.0"),
    ({"step": 9}, ("step",), "t.range", "step: 8"),
    ({"step": 23}, ("step",), "t.range", "step: 24"),
    ({"loud": "yes"}, ("loud",), "t.type", "loud: true"),
    ({"loud": 1}, ("loud",), "t.type", "loud: true"),
    ({"word": "gren"}, ("word",), "t.enum", "word: green"),
    ({"word": "GREEN"}, ("word",), "t.enum", "word: green"),
    ({"word": "pink"}, ("word",), "t.enum", "word: red"),
    ({"word": 3}, ("word",), "t.enum", "word: red"),
    ({"words": ["red", "gren"]}, ("words", 1), "t.enum", "words: [red, green]"),
    ({"words": "red"}, ("words",), "t.type", "words: [red]"),
    ({"globs": "search-*"}, ("globs",), "t.type", 'globs: ["search-*"]'),
    ({"globs": ["a", 5]}, ("globs", 1), "t.type", 'globs: [a, "5"]'),
    ({"ports": [1, "2"]}, ("ports", 1), "t.type", "ports: [1, 2]"),
    ({"tags": {"a": 1}}, ("tags", "a"), "t.type", 'a: "1"'),
    ({"tags": 3}, ("tags",), "t.type", "tags: {name: my-value}"),
    ({"count": True}, ("count",), "t.type", "count: 0"),
    ({"count": -1}, ("count",), "t.range", "count: 0"),
    ({"count": "many"}, ("count",), "t.value", "count: 0"),
    ({"even": 3}, ("even",), "t.odd", "even: 4"),
    ({"api_key": "canary-1"}, ("api_key",), "t.type", "api_key: {env: THE_KEY}"),
    ({"api_key": {"evn": "NAME"}}, ("api_key", "evn"), "t.unknown", "env: NAME"),
    ({"api_key": {"env": "A", "file": "b"}}, ("api_key", "file"), "t.unknown", "remove file"),
    ({"api_kye": "canary-2"}, ("api_kye",), "t.unknown", "api_key: {env: THE_KEY}"),
    ({"api_kye": {"env": "MINE"}}, ("api_kye",), "t.unknown", "api_key: {env: MINE}"),
    ({"chunks": {"strategy": "sentence"}}, ("chunks", "size"), "t.missing", "size: 20"),
    ({"chunks": {"strategy": "sentence", "size": 3}}, ("chunks", "size"), "t.range", "size: 20"),
    ({"chunks": {"strategy": "sentense", "size": 30}}, ("chunks", "strategy"), "t.enum", "strategy: sentence"),
    ({"chunks": {"size": 30}}, ("chunks", "strategy"), "t.missing", "strategy: sentence"),
    ({"chunks": {"strategy": 3, "size": 30}}, ("chunks", "strategy"), "t.enum", "strategy: sentence"),
    ({"chunks": []}, ("chunks",), "t.type", "chunks: {strategy: sentence, size: 20}"),
    ({"api_key": {"x": 1}}, ("api_key",), "t.type", "api_key: {env: THE_KEY}"),
    ({"api_key": {}}, ("api_key", "env"), "t.missing", "env: my-env"),
    ({"limit": {"low": 3, "api_key": "canary-3"}}, ("limit",), "t.unknown", "limits: {low: 0}"),
    ({"tagz": {"password": "canary-4", "a": "b"}}, ("tagz",), "t.unknown", "tags: {name: my-value}"),
    ({"globz": ["https://me:canary-5@x"]}, ("globz",), "t.unknown", "globs: [my-glob]"),
    ({"limits": {"low": 5, "high": 3}}, ("limits", "low"), "t.order", "low: 3"),
    ({"limits": 3}, ("limits",), "t.type", "limits: {low: 0}"),
    ({"parts": [{"strategy": "sentence", "size": 1}]}, ("parts", 0, "size"), "t.range", "size: 20"),
    ({"parts": [{"strategy": "sentence", "siez": 30}]}, ("parts", 0, "siez"), "t.unknown", "size: 30"),
    ({"parts": [3]}, ("parts", 0), "t.type", "parts: [{strategy: sentence, size: 20}]"),
    ({"short": ""}, ("short",), "t.value", "short: abc"),
    ({"short": "abcd"}, ("short",), "t.value", "short: abc"),
    ({"from": 3}, ("from",), "t.range", "from: 2000"),
    ({"frm": 2001}, ("frm",), "t.unknown", "from: 2001"),
    ({"name": "Red Shoe"}, ("name",), "t.value", "name: red-shoe"),
    ({"name": 5}, ("name",), "t.type", "name: red-shoe"),
]


@pytest.mark.parametrize(("written", "path", "code", "fix"), MISTAKES, ids=[str(row[0]) for row in MISTAKES])
def test_one_mistake_is_one_finding_and_its_fix_mends_it(
    written: dict[str, Any], path: tuple[str | int, ...], code: str, fix: str
) -> None:
    value = {"name": "a", **written}
    seen = found(value)
    if not code:
        assert seen == []
        return
    assert [(one.path, one.code, one.fix) for one in seen] == [(path, code, fix)]
    assert "canary" not in repr(seen)
    assert all(one.what and one.why for one in seen)
    assert found(typed(value, seen[0])) == []


def test_each_fix_of_a_list_that_is_too_long_to_show_mends_it() -> None:
    value = {"name": "a", "globs": [1] * 60}
    seen = found(value)
    assert len(seen) == 60
    for one in seen:
        assert found(typed(value, one)) == [], one.fix


def test_a_value_that_is_wrong_everywhere_still_has_lines_for_its_strangers() -> None:
    seen = found({"name": "a", **{f"ports{number}": 1 for number in range(5_000)}})
    assert len(seen) == 5_000
    assert all(one.fix for one in seen[:500])


def test_a_number_that_is_not_whole_is_told_so() -> None:
    (one,) = found({"name": "a", "size": 1.5})
    assert one.what == "size must be a whole number, not one with a decimal point"


def test_all_mistakes_come_in_one_run() -> None:
    value = {"nmae": "a", "size": "x", "limits": {"low": 9, "high": 1, "zzz": 1}, "globs": [1, 2]}
    assert [(one.path, one.code) for one in found(value)] == [
        (("size",), "t.type"),
        (("globs", 0), "t.type"),
        (("globs", 1), "t.type"),
        (("limits", "zzz"), "t.unknown"),
        (("limits", "low"), "t.order"),
        (("nmae",), "t.unknown"),
    ]


def test_the_sentences() -> None:
    (size,) = found({"name": "a", "size": 200})
    assert (size.what, size.points_at) == ("size must be at least 1 and at most 100", "value")
    (odd,) = found({"name": "a", "even": 3})
    assert odd.what == "{odd} is no even number"
    (unknown,) = found({"name": "a", "chunks": {"strategy": "none", "size": 3}})
    assert unknown == Finding(
        ("chunks", "size"), "t.unknown", "'size' is not a field of chunks", "known here: strategy", "remove size", "key"
    )
    (missing,) = found({})
    assert (missing.what, missing.fix, missing.points_at) == ("name is missing", "name: red-shoe", "key")
    (limits,) = found({"name": "a", "limits": []})
    assert (limits.what, limits.why) == ("limits must be a mapping, not a list", "nothing is converted")
    (name,) = found({"name": "?"})
    assert (name.what, name.why) == ("name must be of the form of red-shoe", "it is part of a path")
    (count,) = found({"name": "a", "count": []})
    assert count.what == "count must be a whole number or a string, not a list"


def test_the_caller_says_which_keys_count_and_how_to_try() -> None:
    value, tried = {"name": "a", "siez": 5}, []

    def validate(changed: Any) -> object:
        tried.append(changed)
        return Thing.model_validate(changed)

    with pytest.raises(ValidationError) as error:
        Thing.model_validate(value)
    (known,) = findings(error.value, value, Thing, WORDING, validate=validate)
    assert (known.fix, tried) == ("size: 5", [{"name": "a", "size": 5}])
    (hidden,) = findings(error.value, value, Thing, WORDING, known=lambda _: ["name", "loud"])
    assert (hidden.fix, hidden.why) == ("remove siez", "known here: name, loud")


def test_one_sentence_for_what_no_person_writes() -> None:
    with pytest.raises(ValidationError) as error:
        Thing.model_validate({"name": "a", "api_key": "canary", "size": 0})
    assert first_sentence(error.value, {"name": "a", "api_key": "canary", "size": 0}, Thing) == (
        ("size",),
        "size must be at least 1 and at most 100",
    )


def test_no_input_in_the_message() -> None:
    with pytest.raises(ValidationError) as error:
        Thing.model_validate({"name": "canary_1", "limits": {"low": "canary", "high": 3}})
    assert "canary" not in str(error.value) + repr(error.value)


_KEYS = [*known_names(Thing), "siez", "wrod", "tag", "api_kye", "chunk", "low"]
_VALUES: list[Any] = [
    None, True, 0, 1, -1, 3, 0.5, 1e20, "", "x", "512", "yes", "Red Shoe", [], ["a"], [1], [None], [[]], {}, {"a": 1},
    {"env": "X"}, {"env": "x y"}, {"strategy": "sentence", "size": 20}, {"strategy": "none"}, {"low": 9, "high": 1},
    {"api_key": "canary"}, {"token": ["canary"]}, [{"strategy": "x"}], "https://me:canary@host", [{"password": "canary"}],
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(_KEYS), st.sampled_from(_VALUES), max_size=4))
def test_whatever_is_written_each_fix_mends_its_place(written: dict[str, Any]) -> None:
    value = {"name": "a", **written}
    seen = found(value)
    assert len({one.path for one in seen}) == len(seen)
    assert "canary" not in repr(seen)
    for one in seen:
        assert one.what
        assert one.why
        assert (one.path, one.code) not in {(left.path, left.code) for left in found(typed(value, one))}
