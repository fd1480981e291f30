"""`service_settings` of the services with object parsers: read entry by entry, the first error ends it.

Source: create.md#object-parsers, update.md#object-parsers.
"""

from typing import Any

from inferctl.emulator.errors import ApiError, illegal_argument
from inferctl.emulator.object_parser import INT, LONG, Entry, ObjectText, bad_value, caused_by
from inferctl.emulator.profiles import Profile

from .rules import bad_uri, missing, required
from .schema import Field, Parser, Service, fields_for

JsonObject = dict[str, Any]

_SCOPE = "service_settings"
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "uri": (str,),
    "enum": (str,),
    "boolean": (bool, str),
    "number": (int, float, str),
    "float": (int, float, str),
    "list": (list, str),
    "object": (dict,),
    "rate_limit": (dict,),
}


def parser_of(service: Service, profile: Profile) -> Parser | None:
    """The object parser that a service has on this version."""
    return service.parser if service.parser and profile.knows(service.parser.since) else None


def read_new(service: Service, parser: Parser, task_type: str, profile: Profile, settings: JsonObject) -> JsonObject:
    """The settings of a PUT, secrets included, with numbers as numbers. Raises ApiError for the first that is wrong."""
    fields = [f for f in fields_for(service.service_settings, task_type, profile) if f.put_allowed]
    known = {name: field for field in fields for name in (field.name, *field.aliases)}
    result = _read(parser, known, settings)
    for field in fields:
        needed = required(field, profile) and not field.secret
        if needed and not any(result.get(name) for name in (field.name, *field.aliases)):
            raise illegal_argument(field.missing or missing(_SCOPE, field.name))
        address = result.get(field.name) if field.kind == "uri" else None
        if isinstance(address, str) and (wrong := bad_uri(field.name, address, _SCOPE)):
            raise illegal_argument(wrong)
    return result


def read_change(service: Service, parser: Parser, task_type: str, profile: Profile, settings: JsonObject) -> JsonObject:
    """The settings of an update; what cannot be changed is unknown. A null stays where it resets the setting."""
    fields = fields_for(service.service_settings, task_type, profile)
    takes_secrets = not refuses_secrets(service, profile)
    known = {
        f.name: f for f in fields if (takes_secrets if f.secret else bool(f.updatable) and profile.knows(f.updatable))
    }
    resets = {name for name, f in known.items() if f.null_resets and profile.knows(f.null_resets)}
    result = _read(parser, known, settings, resets)
    return {name: value for name, value in result.items() if value != {}}  # an empty rate_limit keeps what is there


def refuses_secrets(service: Service, profile: Profile) -> bool:
    """Whether an update takes the secrets of the service for unknown fields (update.md#object-parsers)."""
    until = service.update_refuses_secrets_until
    return bool(until) and profile.knows("9.5", until)


def refused_secret(service: Service, task_type: str, profile: Profile, settings: JsonObject) -> ApiError | None:
    """The error for a secret in an update, of a service whose other settings are not read by an object parser here."""
    if not refuses_secrets(service, profile):
        return None
    fields = fields_for(service.service_settings, task_type, profile)
    secrets = {f.name for f in fields if f.secret}
    text = ObjectText.of_map(_SCOPE, settings)
    for entry in text.entries():
        if entry.name in secrets:
            return text.unknown(entry, [f.name for f in fields if f.updatable and not f.secret])
    return None


def _read(parser: Parser, known: dict[str, Field], settings: JsonObject, resets: set[str] | None = None) -> JsonObject:
    text = ObjectText.of_map(_SCOPE, settings)
    result: JsonObject = {}
    for entry in text.entries():
        field = known.get(entry.name)
        if field is None:
            raise text.unknown(entry, known)
        null = entry.value is None and entry.name in (resets or ())
        result[entry.name] = None if null else _value(parser, field, text, entry)
    for name, value in result.items():
        if name in parser.at_end and value is not None:
            reason = _problem(parser, known[name], value)
            if reason:
                raise illegal_argument(reason)
    return result


def _value(parser: Parser, field: Field, text: ObjectText, entry: Entry) -> Any:
    if field.kind == "any":
        return entry.value
    if field.kind == "rate_limit" and isinstance(entry.value, dict):
        return _rate_limit(text, entry)
    if field.kind == "integer":
        value: Any = text.whole(entry, INT)
    else:
        value = entry.value
        wanted = _TYPES[field.kind]
        if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in wanted):
            raise text.wrong_type(entry)
    if entry.name not in parser.at_end:
        reason = _problem(parser, field, value)
        if reason:
            raise text.failed(entry, bad_value(reason))
    return value


def _problem(parser: Parser, field: Field, value: Any) -> str:
    """Why a value of the right type is refused; nothing where it is taken."""
    if field.kind == "integer" and field.least == 1 and value < 1:
        return parser.positive.format(name=field.name, value=value)
    if field.kind != "enum" or value.strip().lower() in map(str.lower, field.enum):
        return ""
    if field.name in parser.java_enums:
        return f"No enum constant {parser.java_enums[field.name]}.{value.strip().upper()}"
    return f"Invalid value [{value}]; expected one of [{', '.join(sorted(field.enum))}]"


def _rate_limit(text: ObjectText, entry: Entry) -> JsonObject:
    inner = text.inside(entry, "rate_limit")
    result: JsonObject = {}
    for part in inner.entries():
        try:
            if part.name != "requests_per_minute":
                raise inner.unknown(part, ["requests_per_minute"])
            number = inner.whole(part, LONG)
            if number < 1:
                reason = "Failed to build [rate_limit] after last required field arrived"
                built = ApiError(400, "x_content_parse_exception", reason, cause=bad_value(_NOT_POSITIVE))
                raise inner.failed(part, caused_by(built))
        except ApiError as error:
            raise text.failed(entry, caused_by(error), part.start) from None
        result[part.name] = number
    return result


_NOT_POSITIVE = "requests per minute must be positive"
