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

from . import json_faults
from .errors import ApiError

JsonObject = dict[str, Any]

# The server allows comments wherever blanks may stand; strings are matched so that they stay.
_TABLE_SIZE, _LOAD = 16, 0.75  # of a java.util.HashMap
_COMMENT = re.compile(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/|//[^\n]*', re.DOTALL)
_text = json.JSONEncoder(ensure_ascii=False).encode  # json.dumps would make an encoder for each key


class _UnreadableError(ValueError):
    """Something that Python's parser would take; `args` are what it is and its text."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> JsonObject:
    result: JsonObject = {}
    for key, value in pairs:
        if key in result:
            raise _UnreadableError("key", key)
        result[key] = value
    return result


def _no_constant(name: str) -> Any:
    raise _UnreadableError("constant", name)


def _short(digits: str) -> str:
    if len(digits) > json_faults.MOST_DIGITS:
        length = len(digits.replace(".", "").lstrip("-"))
        raise json_faults.too_big("Number value length", length, "getMaxNumberLength")
    return digits


_DECODER = json.JSONDecoder(
    object_pairs_hook=_no_duplicates,
    parse_constant=_no_constant,
    parse_int=lambda digits: int(_short(digits)),
    parse_float=lambda digits: float(_short(digits)),
)


def decode(body: bytes) -> str:
    """Bytes to text without the byte order mark (malformed.md#bodies)."""
    return body.decode("utf-8-sig", errors="replace")


def _blank(found: "re.Match[str]") -> str:
    return found[0] if found[0].startswith('"') else " " * len(found[0])


def without_comments(body: bytes) -> str:
    """The text of a body with blanks in the place of comments: what stands where stays."""
    return _COMMENT.sub(_blank, decode(body))


def parse_value(body: bytes, *, end_of_file_type: bool) -> Any:
    """Read the first JSON value of a body and ignore what follows it (malformed.md#bodies)."""
    text = decode(body)
    wrong = json_faults.bad_utf_8(body) if "\ufffd" in text else None
    text = _COMMENT.sub(_blank, text).lstrip()
    if (
        body.count(b"{") + body.count(b"[") > json_faults.MOST_DEPTH
        and json_faults.depth(text) > json_faults.MOST_DEPTH
    ):
        raise json_faults.too_deep()
    try:
        if wrong is None:
            value, _ = _DECODER.raw_decode(text)
            return value
    except json.JSONDecodeError as error:
        wrong = json_faults.fault(text, error)
    except RecursionError:
        raise json_faults.too_deep() from None
    except _UnreadableError as error:
        what, name = error.args
        wrong = json_faults.duplicate(text, name) if what == "key" else json_faults.constant(text, name)
    raise json_faults.broken(text, wrong, end_of_file_type=end_of_file_type)


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


def in_order_of_java(value: Any) -> Any:
    """Maps in the order of a java.util.HashMap that got the keys in this order."""
    if isinstance(value, list):
        return [in_order_of_java(item) for item in value]
    if not isinstance(value, dict):
        return value
    size = _TABLE_SIZE
    while len(value) > size * _LOAD:
        size *= 2
    return {key: in_order_of_java(value[key]) for key in sorted(value, key=lambda key: _spread(key) & (size - 1))}


def _spread(key: str) -> int:
    units = key.encode("utf-16-be", "surrogatepass")
    code = 0
    for high, low in zip(units[::2], units[1::2], strict=True):
        code = (31 * code + (high << 8 | low)) & 0xFFFFFFFF
    return code ^ code >> 16


def java_text(value: Any) -> str:
    """Text of a value the way Java prints maps and lists: {a=1, b=[x, y]} (create.md#refused-settings)."""
    return _java_text(in_order_of_java(value))


def _java_text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_float(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_java_text(item) for item in value) + "]"
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
