"""What the server's object parsers say of a JSON object: a reason with a position, and its cause.

Source: malformed.md#object-parsers. A parser reads entry by entry and stops at the first that is wrong.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from .errors import ApiError, Cause
from .json_faults import source_text
from .json_text import dumps, in_order_of_java
from .parameters import similar

JsonObject = dict[str, Any]

KIND = "x_content_parse_exception"
INT, LONG = 32, 64

_BLANK = re.compile(r"[\s,:]*")
_DECODER = json.JSONDecoder()
_TOKENS = {
    bool: "VALUE_BOOLEAN",
    int: "VALUE_NUMBER",
    float: "VALUE_NUMBER",
    str: "VALUE_STRING",
    type(None): "VALUE_NULL",
    dict: "START_OBJECT",
    list: "START_ARRAY",
}


def token(value: Any) -> str:
    """What the server's parser calls a value."""
    return _TOKENS[type(value)]


@dataclass(frozen=True, slots=True)
class Entry:
    """A field of an object. `key` and `start` are the offsets of its name and of its value in the text."""

    name: str
    value: Any
    key: int
    start: int


class ObjectText:
    """The text of an object, read by the parser called `parser`; `at` is the offset of its opening brace."""

    def __init__(self, parser: str, text: str, at: int = 0) -> None:
        self.parser, self.text, self.at = parser, text, at

    @classmethod
    def of_map(cls, parser: str, settings: JsonObject) -> "ObjectText":
        """Settings as the server writes them again before it parses them: without blanks, in the order of its maps."""
        return cls(parser, dumps(in_order_of_java(settings)))

    def entries(self) -> Iterator[Entry]:
        """The fields in the order of the text, which is valid JSON."""
        at = _skip(self.text, self.at + 1)
        while self.text[at] != "}":
            name, end = _DECODER.raw_decode(self.text, at)
            start = _skip(self.text, end)
            value, end = _DECODER.raw_decode(self.text, start)
            yield Entry(name, value, at, start)
            at = _skip(self.text, end)

    def items(self, entry: Entry) -> Iterator[tuple[Any, int, int]]:
        """The values of a list, each with the offsets of its start and end; of anything else itself alone."""
        is_list = isinstance(entry.value, list)
        at = _skip(self.text, entry.start + 1) if is_list else entry.start
        while not is_list or self.text[at] != "]":
            value, end = _DECODER.raw_decode(self.text, at)
            yield value, at, end
            if not is_list:
                return
            at = _skip(self.text, end)

    @property
    def end(self) -> int:
        """The offset of the closing brace."""
        return _DECODER.raw_decode(self.text, self.at)[1] - 1

    def end_of(self, entry: Entry) -> int:
        """The offset of the last character of a value: of the bracket that closes a list."""
        return _DECODER.raw_decode(self.text, entry.start)[1] - 1

    def inside(self, entry: Entry, parser: str) -> "ObjectText":
        """The object under a field, for the parser that reads it."""
        return ObjectText(parser, self.text, entry.start)

    def error(self, offset: int, words: str, cause: Cause | None = None) -> ApiError:
        """400 with the position of an offset in front of the words."""
        return ApiError(400, KIND, f"[{self.place(offset)}] [{self.parser}] {words}", cause=cause)

    def unknown(self, entry: Entry, known: Iterable[str]) -> ApiError:
        """A field that nobody declared; names that are like it are offered."""
        near = similar(entry.name, known)
        words = f"[{near[0]}]" if len(near) == 1 else f"any of [{', '.join(near)}]"
        return self.error(entry.key, f"unknown field [{entry.name}]" + (f" did you mean {words}?" if near else ""))

    def wrong_type(self, entry: Entry) -> ApiError:
        """A value of a type that the field does not take."""
        return self.error(entry.start, f"{entry.name} doesn't support values of type: {token(entry.value)}")

    def failed(self, entry: Entry, cause: Cause, offset: int | None = None) -> ApiError:
        """A value of the right type that the field refuses. `offset`: the token where reading ended."""
        place = entry.start if offset is None else offset
        return self.error(place, f"failed to parse field [{entry.name}]", cause)

    def whole(self, entry: Entry, bits: int) -> int:
        """An INT or LONG: numbers lose their fraction, and a text that is a number counts as one."""
        value = entry.value
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.wrong_type(entry)
        try:
            number = int(float(value)) if isinstance(value, str) and bits == INT else int(_number(value))
        except (ValueError, OverflowError):
            kind = "number_format_exception" if bits == INT else "illegal_argument_exception"
            shown = f'For input string: "{value}"' if value or bits == LONG else "empty String"
            raise self.failed(entry, Cause(kind, shown, elastic=False)) from None
        if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            return number
        raise self.failed(entry, self._out_of_range(entry, bits))

    def _out_of_range(self, entry: Entry, bits: int) -> Cause:
        kind = "int" if bits == INT else "long"
        if isinstance(entry.value, str):
            words = f"Value [{entry.value}] is out of range for {'an integer' if bits == INT else 'a long'}"
            return Cause("illegal_argument_exception", words, elastic=False)
        limit = 2 ** (bits - 1)
        end = _DECODER.raw_decode(self.text, entry.start)[1]
        digits = self.text[entry.start : end]
        line, column = self._line_and_column(end)
        words = f"Numeric value ({digits}) out of range of {kind} ({-limit} - {limit - 1})"
        source = f"{words}\n at {source_text(self.text, line, column)}"
        inner = Cause("input_coercion_exception", source, elastic=False)
        return Cause(KIND, f"[{self.place(end)}] {source}", inner)

    def place(self, offset: int) -> str:
        """The line and the column of an offset."""
        line, column = self._line_and_column(offset)
        return f"{line}:{column}"

    def _line_and_column(self, offset: int) -> tuple[int, int]:
        before = self.text[:offset]
        return before.count("\n") + 1, len(before[before.rfind("\n") + 1 :].encode(errors="surrogatepass")) + 1


def caused_by(error: ApiError) -> Cause:
    """An error as the cause of another one."""
    return Cause(error.kind, error.reason, error.cause)


def bad_value(reason: str) -> Cause:
    """The usual innermost cause."""
    return Cause("illegal_argument_exception", reason, elastic=False)


def _skip(text: str, at: int) -> int:
    blank = _BLANK.match(text, at)
    return blank.end() if blank else at


def _number(value: float | str) -> float:
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            pass
        number = float(value)
        if math.isinf(number) or math.isnan(number):
            raise ValueError(value)
        return number
    return value
