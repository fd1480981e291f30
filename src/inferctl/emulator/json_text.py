"""JSON as the server reads and writes it, and Java map text for its error messages.

malformed.md#bodies: duplicate keys, NaN, leading zeros and trailing commas are refused with a reason
that quotes the body; text after the first object is ignored. inference.md: floats are printed the
Java way.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import Any

from .errors import ApiError, Cause

JsonObject = dict[str, Any]

QUOTE_LENGTH = 500
# The server allows comments wherever blanks may stand; strings are matched so that they stay.
_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|//[^\n]*', re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]\w*")
_text = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder for each key


class _DuplicateKeyError(ValueError):
    pass


def _no_duplicates(pairs: list[tuple[str, Any]]) -> JsonObject:
    result: JsonObject = {}
    for key, value in pairs:
        if key in result:
            raise _DuplicateKeyError(f"Duplicate field '{key}'")
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise _DuplicateKeyError(
        f"Non-standard token '{name}': enable `JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS` to allow"
    )


_DECODER = json.JSONDecoder(object_pairs_hook=_no_duplicates, parse_constant=_no_constant)


def decode(body: bytes) -> str:
    """Bytes to text without the byte order mark (malformed.md#bodies)."""
    return body.decode("utf-8-sig", errors="replace")


def _blank(found: "re.Match[str]") -> str:
    return found[0] if found[0].startswith('"') else " " * len(found[0])


def parse_value(body: bytes, *, end_of_file_type: bool) -> Any:
    """Read the first JSON value of a body and ignore what follows it (malformed.md#bodies)."""
    text = _COMMENT.sub(_blank, decode(body)).lstrip()
    try:
        value, _ = _DECODER.raw_decode(text)
    except json.JSONDecodeError as error:
        raise _malformed(text, error, end_of_file_type=end_of_file_type) from None
    except RecursionError:
        raise _broken(text, "Document nesting depth exceeds the maximum allowed", 0) from None
    except _DuplicateKeyError as error:
        key = str(error)
        raise _broken(text, key, max(text.find("NaN"), 0)) from None
    return value


def parse_map(body: bytes, *, non_object_is_500: bool, end_of_file_type: bool) -> JsonObject:
    """Read the body of a PUT or an UPDATE: a map, or what the version makes of something else (malformed.md#bodies)."""
    text = decode(body).lstrip()
    if not text.startswith("{"):
        if non_object_is_500:
            raise ApiError(
                500,
                "not_x_content_exception",
                "Compressor detection can only be called on some xcontent bytes or compressed xcontent bytes",
            )
        if not text or text.startswith("/"):
            return {}
    value = parse_value(body, end_of_file_type=end_of_file_type)
    return value if isinstance(value, dict) else {}


def _malformed(text: str, error: json.JSONDecodeError, *, end_of_file_type: bool) -> ApiError:
    rest = text[error.pos :]
    if not rest.strip() or error.msg.startswith("Unterminated string"):
        if end_of_file_type:
            reason = f"[{error.lineno}:{error.colno}] Unexpected end of file"
            return ApiError(400, "x_content_e_o_f_exception", reason)
        start = f'[Source: (byte[])"{text[:QUOTE_LENGTH]}"; line: 1, column: 1]'
        message = f"Unexpected end-of-input: expected close marker for Object (start marker at {start})"
        return _broken(text, message, len(text), kind="json_e_o_f_exception")
    if error.msg.startswith("Invalid control character"):
        message = f"Illegal unquoted character ((CTRL-CHAR, code {ord(rest[0])}))"
        escaped = "has to be escaped using backslash to be included in string value"
        return _broken(text, f"{message}: {escaped}", error.pos)
    word = _WORD.match(rest)
    if word and "property name" not in error.msg:
        wanted = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
        return _broken(text, f"Unrecognized token '{word[0]}': was expecting {wanted}", error.pos)
    before = text[: error.pos].rstrip()
    if rest[0].isdigit() and before.endswith("0"):
        return _broken(text, "Invalid numeric value: Leading zeroes not allowed", error.pos)
    code = f"Unexpected character ('{rest[0]}' (code {ord(rest[0])}))"
    wanted = "double-quote to start field name" if "property name" in error.msg else "a valid value"
    return _broken(text, f"{code}: was expecting {wanted}", error.pos)


def _broken(text: str, message: str, position: int, kind: str = "json_parse_exception") -> ApiError:
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    # The quotation is what makes raw reasons dangerous: it carries secrets (malformed.md#bodies).
    source = f'{message}\n at [Source: (byte[])"{text[:QUOTE_LENGTH]}"; line: {line}, column: {column}]'
    return ApiError(
        400,
        "x_content_parse_exception",
        f"[{line}:{column}] {source}",
        cause=Cause(kind, source, elastic=False),
    )


def java_text(value: Any) -> str:
    """Text of a value the way Java prints maps and lists: {a=1, b=[x, y]} (create.md#refused-settings)."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_float(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={java_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(java_text(item) for item in value) + "]"
    return str(value)


def java_list(names: Sequence[str]) -> str:
    """Text of a list of names: [a, b]."""
    return "[" + ", ".join(names) + "]"


def java_float(value: float) -> str:
    """A double the way Java prints it: 0.25, -1.0, 1.0E-8, 3.4E38 (inference.md)."""
    if math.isinf(value) or math.isnan(value):
        return "Infinity" if value > 0 else ("-Infinity" if value < 0 else "NaN")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        text = format(value, "f") if "e" in repr(value) else repr(value)
        return text if "." in text else text + ".0"
    short = repr(value)
    digits, _, exponent = short.partition("e")
    if not exponent:
        digits, exponent = _scientific(short)
    if "." not in digits:
        digits += ".0"
    return f"{digits}E{int(exponent)}"


def _scientific(plain: str) -> tuple[str, str]:
    sign = "-" if plain.startswith("-") else ""
    whole, _, fraction = plain.lstrip("-").partition(".")
    if whole.strip("0"):
        joined = (whole + fraction).rstrip("0")
        return f"{sign}{joined[0]}.{joined[1:] or '0'}", str(len(whole) - 1)
    stripped = fraction.lstrip("0")
    return f"{sign}{stripped[0]}.{stripped[1:] or '0'}", str(-(len(fraction) - len(stripped) + 1))


def dumps(value: Any, *, pretty: bool = False) -> str:
    """Serialise an answer; `pretty` as the query parameter of that name does."""
    if pretty:
        return _pretty(value, 0) + "\n"
    return _compact(value)


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        items = (f"{_text(key)}:{_compact(item)}" for key, item in value.items())
        return "{" + ",".join(items) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(_compact(item) for item in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, float):
        # Infinity is no JSON number; the server prints it as a string.
        return java_float(value) if math.isfinite(value) else f'"{java_float(value)}"'
    return _text(value)


def _pretty(value: Any, depth: int) -> str:
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(value, dict) and value:
        rows = [f"{inner}{_text(k)} : {_pretty(v, depth + 1)}" for k, v in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{outer}" + "}"
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(f"{inner}{_pretty(item, depth + 1)}" for item in value) + f"\n{outer}]"
    if isinstance(value, dict):
        return "{ }"
    if isinstance(value, list | tuple):
        return "[ ]"
    return _scalar(value)
