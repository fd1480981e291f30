"""What the server's parser says about bytes that are no JSON, and where (malformed.md#bodies)."""

import json
import re
from dataclasses import dataclass

from .errors import ApiError, Cause

_QUOTED = 500
TOO_BIG = "stream_constraints_exception"
MOST_DEPTH = MOST_DIGITS = 1000

_WORD = re.compile(r"[A-Za-z_]\w*")
_TOKENS = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
# The bytes that this parser lets pass as UTF-8: it looks at the number of bytes and at the marks of those that follow.
_LET_PASS = re.compile(rb"(?:[\x00-\x7f]+|[\xc0-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf7][\x80-\xbf]{3})*")
_FOLLOWS = re.compile(rb"[\x80-\xbf]*")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at `position`, a number of characters from the start."""

    message: str
    position: int
    ends: bool = False  # the text ends too early


def broken(text: str, fault: Fault, *, end_of_file_type: bool) -> ApiError:
    """The answer to a fault. It quotes the text, secrets included, as the server's does."""
    line = text.count("\n", 0, fault.position) + 1
    column = fault.position - text.rfind("\n", 0, fault.position)
    if fault.ends and end_of_file_type:
        return ApiError(400, "x_content_e_o_f_exception", f"[{line}:{column}] Unexpected end of file")
    source = f"{fault.message}\n at {source_text(text, line, column)}"
    kind = "json_e_o_f_exception" if fault.ends else "json_parse_exception"
    cause = Cause(kind, source, elastic=False)
    return ApiError(400, "x_content_parse_exception", f"[{line}:{column}] {source}", cause=cause)


def too_big(what: str, size: int, limit: str) -> ApiError:
    """500 for what the parser refuses to read; the server takes it for a fault of its own."""
    reason = f"{what} ({size}) exceeds the maximum allowed (1000, from `StreamReadConstraints.{limit}()`)"
    return ApiError(500, TOO_BIG, reason)


def too_deep() -> ApiError:
    """Too many arrays and objects inside each other."""
    return too_big("Document nesting depth", MOST_DEPTH + 1, "getMaxNestingDepth")


def source_text(text: str, line: int, column: int) -> str:
    """The text as a parser quotes it, up to its limit, and a place in it."""
    return f'[Source: (byte[])"{text[:_QUOTED]}"; line: {line}, column: {column}]'


def bad_utf_8(body: bytes) -> Fault | None:
    """The first byte that the parser refuses. It lets more pass than UTF-8 has."""
    passed = _LET_PASS.match(body)
    at = passed.end() if passed else 0
    if at == len(body):
        return None
    before = len(body[:at].decode(errors="replace"))
    if not 0xC0 <= body[at] <= 0xF7:
        return Fault(f"Invalid UTF-8 start byte 0x{body[at]:x}", before + 1)
    follows = _FOLLOWS.match(body, at + 1)
    after = follows.end() if follows else at + 1
    if after == len(body):
        return Fault("Unexpected end-of-input", before + 1, ends=True)
    return Fault(f"Invalid UTF-8 middle byte 0x{body[after]:x}", before + after - at + 1)


def duplicate(text: str, key: str) -> Fault:
    """Where a key stands for the second time, as far as the text says it."""
    places = [found.end() for found in re.finditer(re.escape(json.dumps(key, ensure_ascii=False)) + r"(?=\s*:)", text)]
    return Fault(f"Duplicate field '{key}'", places[1] if len(places) > 1 else 0)


def constant(text: str, name: str) -> Fault:
    """NaN, Infinity and -Infinity."""
    words = "enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
    return Fault(f"Non-standard token '{name}': {words}", max(text.find(name), 0) + len(name))


def fault(text: str, error: json.JSONDecodeError) -> Fault:
    """What Python's parser found, in the words of the server's."""
    at, rest = error.pos, text[error.pos :]
    if rest.startswith("/*"):
        return Fault("Unexpected end-of-input in a comment", len(text), ends=True)
    if not rest.strip() or error.msg.startswith("Unterminated string"):
        start = source_text(text, 1, 1)
        words = f"Unexpected end-of-input: expected close marker for Object (start marker at {start})"
        return Fault(words, len(text), ends=True)
    if error.msg.startswith("Invalid control character"):
        escaped = "has to be escaped using backslash to be included in string value"
        return Fault(f"Illegal unquoted character ((CTRL-CHAR, code {ord(rest[0])})): {escaped}", at)
    if error.msg.startswith("Invalid \\"):
        return _escape(text, at)
    number = _number(text, at)
    if number is not None:
        return number
    word = _WORD.search(text, _word_start(text, at), at + len(rest))
    inside = word is not None and word.start() <= at < word.end()
    after_number = at > 0 and text[at - 1].isdigit()
    if word is not None and inside and not after_number and "property name" not in error.msg:
        return Fault(f"Unrecognized token '{word[0]}': was expecting {_TOKENS}", min(word.end() + 1, len(text)))
    return _unexpected(text, at, error.msg)


def _word_start(text: str, at: int) -> int:
    """Where the word begins that goes on at `at`; a number is none."""
    start = at
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return start if _WORD.match(text, start) else at


def _strange(text: str, at: int) -> str:
    return f"Unexpected character ('{text[at]}' (code {ord(text[at])}))"


def _escape(text: str, at: int) -> Fault:
    """A backslash in a string with something after it that is no escape."""
    at = text.rfind("\\", 0, at + 1) + 1
    if at >= len(text):
        return Fault("Unexpected end-of-input in character escape sequence", len(text), ends=True)
    if text[at] != "u":
        return Fault(f"Unrecognized character escape '{text[at]}' (code {ord(text[at])})", at)
    digits = re.compile("[0-9a-fA-F]*").match(text, at + 1)
    after = digits.end() if digits else at + 1
    if after >= len(text):
        return Fault("Unexpected end-of-input in character escape sequence", len(text), ends=True)
    return Fault(f"{_strange(text, after)}: expected a hex-digit for character escape sequence", after)


def _number(text: str, at: int) -> Fault | None:
    """A number that goes wrong at `at` or just after it."""
    rest, before = text[at:], text[:at]
    if rest[0].isdigit() and re.search(r"(?<![\d.eE])-?0$", before):
        return Fault("Invalid numeric value: Leading zeroes not allowed", at)
    sign = re.compile(r"[-+]").match(text, at)
    if sign and sign[0] == "+" and not re.search(r"[\d.]$", before):
        words = "JSON spec does not allow numbers to have plus signs: "
        allow = "enable `JsonReadFeature.ALLOW_LEADING_PLUS_SIGN_FOR_NUMBERS` to allow"
        return Fault(f"{_strange(text, at)} in numeric value: {words}{allow}", at + 1)
    wrong = ""
    exponent = re.match(r"[eE][-+]?(?!\d)", rest)
    if sign and sign[0] == "-":
        at, wrong = at + 1, "expected digit (0-9) to follow minus sign, for valid numeric value"
    elif re.match(r"\.(?!\d)", rest) and re.search(r"(?<![\d.])-?\d+$", before):
        at, wrong = at + 1, "Decimal point not followed by a digit"
    elif exponent and re.search(r"\d$", before):
        at, wrong = at + exponent.end(), "Exponent indicator not followed by a digit"
    if not wrong:
        return None
    if at >= len(text):
        return Fault("Unexpected end-of-input in a Number", len(text), ends=True)
    return Fault(f"{_strange(text, at)} in numeric value: {wrong}", at)


def _unexpected(text: str, at: int, message: str) -> Fault:
    """A character that cannot stand where it stands."""
    strange, open_at = _strange(text, at), _open(text, at)
    kind = "Array" if open_at is not None and text[open_at] == "[" else "Object"
    if "property name" in message:
        return Fault(f"{strange}: was expecting double-quote to start field name", at)
    if "':'" in message:
        return Fault(f"{strange}: was expecting a colon to separate field name and value", at)
    if "','" not in message:
        closing = text[at] in "]}" or text[at] == ","
        return Fault(f"{strange}: {'expected a value' if closing else f'expected a valid value {_TOKENS}'}", at)
    if text[at] in "]}" and open_at is not None:
        line = text.count("\n", 0, open_at) + 1
        start = source_text(text, line, open_at - text.rfind("\n", 0, open_at))
        wanted = "]" if kind == "Array" else "}"
        return Fault(f"Unexpected close marker '{text[at]}': expected '{wanted}' (for {kind} starting at {start})", at)
    return Fault(f"{strange}: was expecting comma to separate {kind} entries", at)


def _open(text: str, at: int) -> int | None:
    """Where the innermost array or object begins that is open at a place."""
    opened: list[int] = []
    for found in _BRACKETS.finditer(text, 0, at):
        if found[0] in "[{":
            opened.append(found.start())
        elif found[0] in "]}" and opened:
            opened.pop()
    return opened[-1] if opened else None


def depth(text: str) -> int:
    """How deep arrays and objects stand in each other."""
    now = most = 0
    for found in _BRACKETS.finditer(text):
        if found[0] in "[{":
            now += 1
            most = max(most, now)
        elif found[0] in "]}":
            now -= 1
    return most
