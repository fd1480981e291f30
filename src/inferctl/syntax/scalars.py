"""Plain scalars as the YAML 1.2 core schema reads them (YAML 1.2.2 section 10.3.2), and where 1.1 differs."""

from __future__ import annotations

import re

_WORDS = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_NUMBER = re.compile(
    r"""(?P<int>[-+]?[0-9]+)
      | 0o(?P<oct>[0-7]+)
      | 0x(?P<hex>[0-9a-fA-F]+)
      | (?P<float>[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?)
      | (?P<none>[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))""",
    re.VERBOSE,
)
# What a YAML file may hold (YAML 1.2 section 5.1), without tabs and line breaks; a part of a character class.
PRINTABLE = "\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff"
_NUMBER_START = frozenset("0123456789+-.")

# YAML 1.1: https://yaml.org/type/ (bool, int, float, timestamp, value).
_BOOL_1_1 = frozenset(
    ["y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"]
)
_SPECIAL_START_1_1 = _NUMBER_START | frozenset("yYnNoO=")
_NUMBER_1_1 = re.compile(
    r"""(?P<octal>[-+]?0[0-7_]+)
      | (?P<binary>[-+]?0b[0-1_]+)
      | (?P<hex>[-+]?0x[0-9a-fA-F_]+)
      | (?P<base60>[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?)
      | (?P<int>[-+]?(?:0|[1-9][0-9_]*))
      | (?P<float>[-+]?(?:[0-9][0-9_]*)?\.[0-9_]*(?:[eE][-+][0-9]+)?)
      | (?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}
               | [0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}.*)""",
    re.VERBOSE,
)
_MEANING_1_1 = {
    "octal": "an octal number",
    "binary": "a binary number",
    "hex": "a hexadecimal number",
    "base60": "a number to the base 60",
    "int": "a number",
    "float": "a number",
    "date": "a date",
}

Scalar = None | bool | int | float | str


class NotJsonError(ValueError):
    """A number that JSON has no form for: infinite, not a number, or too long."""


def read_plain(text: str) -> Scalar:
    """The value of an unquoted scalar. Raises NotJsonError for `.inf`, `.nan`, numbers out of bounds."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _NUMBER_START:
        return text
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    kind = match.lastgroup
    if kind == "none" or len(text) > 1000:
        raise NotJsonError(text)
    if kind == "int":
        return int(text)
    if kind == "oct":
        return int(match["oct"], 8)
    if kind == "hex":
        return int(match["hex"], 16)
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise NotJsonError(text)
    return number


def meaning_in_1_1(text: str) -> str | None:
    """What a YAML 1.1 reader makes of a plain scalar, where YAML 1.2 reads something else; else None."""
    if not text or text[0] not in _SPECIAL_START_1_1:
        return None
    if text in _BOOL_1_1:
        return "a boolean"
    if text[0] not in _NUMBER_START:
        return "a placeholder" if text == "=" else None
    old, new = _NUMBER_1_1.fullmatch(text), _NUMBER.fullmatch(text)
    if old is None:
        # 1e3 and 0o17 are numbers in 1.2 only.
        return "a string" if new is not None and new.lastgroup in ("float", "oct", "int") else None
    kind = str(old.lastgroup)
    same = {"int": "int", "float": "float", "hex": "hex"}.get(kind)
    if new is not None and new.lastgroup == same:
        return None
    if text in (".", "-.", "+.") or not any(c.isdigit() for c in text):
        return None
    return _MEANING_1_1[kind]
