"""References to secrets in settings: `{env: NAME}`, `{file: PATH}`. Data only; resolving is `resolve`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from inferctl.json_types import value_at
from inferctl.secrets.credentials import keys_in

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from inferctl.json_types import JsonObject, Path

KINDS = ("env", "file")
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,254}")
_FILE_NAME = re.compile(r"(?=[^\u0000]{1,1000}$)[^\u0000]*\S[^\u0000]*")
PLACEHOLDER = {"env": "SECRET"}
_WHY_LITERAL = "files are in Git: a secret stands there as a reference and is read when it is needed"
WHY = {
    "secret.literal": _WHY_LITERAL,
    "secret.reference": "a secret is {env: NAME} (an environment variable) or {file: PATH} (below the secrets root)",
}
# Names as people give them. One of another form may be a secret, typed in by mistake: it is no reference to show.
_USUAL = {"env": re.compile(r"[A-Z_][A-Z0-9_]*"), "file": re.compile(r"[\w./\-]+")}
_IN_TEXT = re.compile(rf"\s*\{{\s*({'|'.join(KINDS)})\s*:\s*([^\s{{}}]+)\s*\}}\s*(?:#.*)?")
# What each kind of reference takes, in the words of JSON Schema.
FORMS: dict[str, dict[str, str]] = {
    "env": {
        "description": "The environment variable that holds the secret.",
        "pattern": f"^{ENV_NAME.pattern}$",
    },
    "file": {
        "description": "The file that holds the secret, below the folder in INFERCTL_SECRETS_ROOT.",
        "pattern": f"^{_FILE_NAME.pattern}$",
    },
}


@dataclass(frozen=True, slots=True, order=True)
class SecretRef:
    """Where a secret is: the name of an environment variable, or a path below the secrets root."""

    kind: Literal["env", "file"]
    name: str

    def __str__(self) -> str:
        return f"{{{self.kind}: {self.name}}}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import PydanticCustomError, core_schema  # noqa: PLC0415  who comes here has pydantic

        def read(value: Any) -> SecretRef:
            reference = parse_reference(value.written() if isinstance(value, SecretRef) else value)
            if reference is None:
                code, words = misfit(value)
                raise PydanticCustomError(code, "{what}", {"what": f"it {words}", "why": WHY[code]})
            return reference

        return core_schema.no_info_plain_validator_function(
            read, serialization=core_schema.plain_serializer_function_ser_schema(SecretRef.written)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """A mapping with one of the two keys."""
        return {
            "type": "object",
            "properties": {kind: {"type": "string", **words} for kind, words in FORMS.items()},
            "additionalProperties": False,
            "minProperties": 1,
            "maxProperties": 1,
            "errorMessage": "a secret is one reference: {env: NAME} or {file: PATH}",
            "defaultSnippets": [{"label": "{env: SECRET}", "body": PLACEHOLDER}],
        }

    def written(self) -> dict[str, str]:
        """As a file spells it."""
        return {self.kind: self.name}


def misfit(value: object) -> tuple[str, str]:
    """The code for what is no reference, and what it is instead, without the value."""
    if isinstance(value, Mapping):
        return "secret.reference", "is not a well-formed reference"
    if value is None or value == "":
        return "secret.reference", "is empty"
    return "secret.literal", "holds a secret as plain text"


def parse_reference(value: object) -> SecretRef | None:
    """The reference that a mapping spells, or None when it is none or is malformed.

    A name in the form of a key is the key itself, put in the wrong place: no reference, so that no text shows it.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    kind, name = next(iter(value.items()))
    if not isinstance(name, str) or keys_in(name):
        return None
    if kind == "env" and ENV_NAME.fullmatch(name):
        return SecretRef("env", name)
    if kind == "file" and _FILE_NAME.fullmatch(name):
        return SecretRef("file", name)
    return None


def has_form_of_reference(*values: object) -> bool:
    """Whether each is a mapping with one key, that of a kind of reference, and a text: one value, not a part of it."""
    return all(
        isinstance(value, Mapping)
        and len(value) == 1
        and isinstance(next(iter(value.values())), str)
        and next(iter(value)) in KINDS
        for value in values
    )


def references_in(settings: JsonObject, paths: Sequence[Path] | frozenset[Path]) -> dict[Path, SecretRef]:
    """The references at known paths (`DesiredEndpoint.secrets`; their first part is "service_settings")."""
    at_paths = ((path, parse_reference(value_at(settings, path[1:]))) for path in sorted(paths, key=str))
    return {path: reference for path, reference in at_paths if reference is not None}


def is_shown(value: object) -> bool:
    """Whether a value is a reference that may be shown."""
    reference = parse_reference(value)
    usual = reference is not None and _USUAL[reference.kind].fullmatch(reference.name)
    return reference is not None and bool(usual)


def reference_end(line: str, start: int = 0) -> int:
    """Where a reference ends that starts there in a line of a file and may be shown; -1 without one."""
    found = _IN_TEXT.match(line, start)
    return found.end() if found and is_shown({found[1]: found[2]}) else -1


def variable_name(*words: str) -> str:
    """A name for an environment variable: OPENAI_API_KEY. A word that has the form of a key is left out."""
    plain = (re.sub(r"[^A-Za-z0-9]+", "_", word).strip("_") for word in words if not keys_in(word))
    name = "_".join(word for word in plain if word).upper() or PLACEHOLDER["env"]
    return name if ENV_NAME.fullmatch(name) else f"_{name}"
