"""Settings as they are read: type, enum, range, with the server's texts (create.md#refused-settings)."""

from dataclasses import dataclass, field
from typing import Any

from inferctl.emulator.errors import bad_request
from inferctl.emulator.json_text import java_float, java_text

from .schema import Field

JsonObject = dict[str, Any]

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


@dataclass(slots=True)
class Settings:
    """Settings of one endpoint after parsing, secrets apart."""

    service_settings: JsonObject = field(default_factory=dict)
    secrets: JsonObject = field(default_factory=dict)
    task_settings: JsonObject = field(default_factory=dict)


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


def missing(scope: str, name: str) -> str:
    """Text for a required setting that is absent."""
    return f"[{scope}] does not contain the required setting [{name}]"


def not_allowed(name: str) -> str:
    """Text for a setting that must not be given here."""
    return f"[service_settings] does not allow the setting [{name}]"


def take(item: Field, source: JsonObject, scope: str, problems: list[str], *, strict_null: bool = False) -> Any:
    """Remove a field (or one of its aliases) from the map and read it; None when absent or null."""
    for name in (item.name, *item.aliases):
        if name not in source:
            continue
        value = source.pop(name)
        if value is None:
            if strict_null:
                problems.append(f"[{scope}] [{name}] must not be null")
            return None
        if not item.put_allowed:
            problems.append(not_allowed(name))
            return None
        return read(item, value, scope, problems)
    return None


def read_rate_limit(value: Any, default: int, problems: list[str]) -> JsonObject:
    """`rate_limit`: absent or empty means the default (create.md#defaults)."""
    if not isinstance(value, dict):
        return {"requests_per_minute": default}
    rest = dict(value)
    number = rest.pop("requests_per_minute", None)
    if number is None:
        number = default
    elif isinstance(number, bool) or not isinstance(number, int) or number >= 2**63:  # stored with 64 bits
        problems.append(
            "field [requests_per_minute] is not of the expected type. "
            f"The value [{java_text(number)}] cannot be converted to a [Long]"
        )
    elif number < 1:
        problems.append(f"[rate_limit] Invalid value [{number}]. [requests_per_minute] must be a positive integer")
    if rest:
        raise bad_request(f"Rate limit settings contain unknown entries [{java_text(rest)}]")
    return {"requests_per_minute": number}
