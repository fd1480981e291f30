"""Reading one setting: type, enum, range, with the server's texts (create.md#refused-settings)."""

from typing import Any

from inferctl.emulator.json_text import java_float, java_text

from .schema import Field

JAVA_TYPES = {
    "string": "String",
    "enum": "String",
    "integer": "Integer",
    "number": "Number",
    "float": "Double",
    "boolean": "Boolean",
    "list": "List",
    "object": "Map",
    "rate_limit": "Map",
}


def _fits(kind: str, value: Any) -> bool:
    if kind == "any":
        return True
    if kind in {"string", "enum"}:
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "list":
        return isinstance(value, list)
    if kind in {"object", "rate_limit"}:
        return isinstance(value, dict)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    if kind == "integer":
        return isinstance(value, int) and -(2**31) <= value < 2**31
    # An integer literal is no Double for the services that ask for one (anthropic).
    return kind == "number" or isinstance(value, float)


def wrong_type(name: str, value: Any, java_type: str) -> str:
    """`field [x] is not of the expected type. ...`."""
    return (
        f"field [{name}] is not of the expected type. "
        f"The value [{java_text(value)}] cannot be converted to a [{java_type}]"
    )


def read(field: Field, value: Any, scope: str, problems: list[str]) -> Any:
    """The value as it is stored; what is wrong with it goes to `problems`."""
    if not _fits(field.kind, value):
        problems.append(wrong_type(field.name, value, JAVA_TYPES[field.kind]))
        return None
    if isinstance(value, str):
        return _read_word(field, value, scope, problems)
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_range(field, value, scope, problems)
    return value


def _read_word(field: Field, value: str, scope: str, problems: list[str]) -> str:
    if not value:
        problems.append(f"[{scope}] Invalid value empty string. [{field.name}] must be a non-empty string")
    if field.kind != "enum":
        return value
    word = value.strip()
    for allowed in field.enum:
        if allowed.lower() == word.lower():
            return allowed
    if value:
        words = ", ".join(sorted(word.lower() for word in field.enum))
        problems.append(f"[{scope}] Invalid value [{value}] received. [{field.name}] must be one of [{words}]")
    return value


def _check_range(field: Field, value: float, scope: str, problems: list[str]) -> None:
    prefix = f"[{scope}] Invalid value [{value if field.least == 1 else java_float(float(value))}]."
    if field.kind == "integer" and field.least == 1 and value < 1:
        problems.append(f"{prefix} [{field.name}] must be a positive integer")
    elif field.least is not None and value < field.least:
        bound = java_float(float(field.least))
        problems.append(f"{prefix} [{field.name}] must be a greater than or equal to [{bound}]")
    elif field.most is not None and value > field.most:
        bound = java_float(float(field.most))
        problems.append(f"{prefix} [{field.name}] must be a less than or equal to [{bound}]")
