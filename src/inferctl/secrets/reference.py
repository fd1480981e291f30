"""References to secrets in settings: `{env: NAME}`, `{file: PATH}`. Data only; resolving is `resolve`.

`scan` finds the references and every literal that should have been one. Literals leave this module only
as `literals`, for the one purpose of taking them out of texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from inferctl.syntax.finding import Finding
from inferctl.syntax.mask import looks_secret

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from inferctl.json_types import Json, JsonObject, Path

KINDS = ("env", "file")
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUERY = re.compile(r"[?&]([^=?&#\s]+)=([^&#\s]+)")
_QUERY_KEYS = frozenset({"key", "sig"})  # too short to be suspicious anywhere else
_USERINFO = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*://([^/?#\s]*)@")
_PLACEHOLDER: Json = {"env": "SECRET"}
# `custom` takes a free mapping of secrets: its values are the references.
_MAPPINGS = frozenset({"secret_parameters"})
_WHY_LITERAL = "files are in Git: a secret stands there as a reference and is read when it is needed"
WHY = {
    "secret.literal": _WHY_LITERAL,
    "secret.reference": "a secret is {env: NAME} (an environment variable) or {file: PATH} (below the secrets root)",
}
# What each kind of reference takes, in the words of JSON Schema.
FORMS: dict[str, dict[str, str]] = {
    "env": {
        "description": "The environment variable that holds the secret.",
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
    },
    "file": {
        "description": "The file that holds the secret, below the folder in INFERCTL_SECRETS_ROOT.",
        "pattern": r"^[^\u0000]*\S[^\u0000]*$",
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
        from pydantic_core import core_schema  # noqa: PLC0415  only who has pydantic already comes here

        from inferctl.syntax.document import fault  # noqa: PLC0415

        def read(value: Any) -> SecretRef:
            reference = value if isinstance(value, SecretRef) else parse_reference(value)
            if reference is None:
                code, words = misfit(value)
                raise fault(code, f"it {words}", WHY[code])
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
            "defaultSnippets": [{"label": "{env: SECRET}", "body": _PLACEHOLDER}],
        }

    def written(self) -> dict[str, str]:
        """As a file spells it."""
        return {self.kind: self.name}


@dataclass(slots=True)
class Scan:
    """Secrets in one endpoint's settings. `settings` hold a reference in place of every literal."""

    settings: dict[str, Json]
    references: dict[Path, SecretRef] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    literals: list[str] = field(default_factory=list, repr=False)


def misfit(value: object) -> tuple[str, str]:
    """The code for what is no reference, and what it is instead, without the value."""
    if isinstance(value, Mapping):
        return "secret.reference", "is not a well-formed reference"
    if value is None or value == "":
        return "secret.reference", "is empty"
    return "secret.literal", "holds a secret as plain text"


def parse_reference(value: object) -> SecretRef | None:
    """The reference that a mapping spells, or None when it is none or is malformed."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    kind, name = next(iter(value.items()))
    if not isinstance(name, str):
        return None
    if kind == "env" and ENV_NAME.fullmatch(name):
        return SecretRef("env", name)
    if kind == "file" and name.strip() and "\0" not in name:
        return SecretRef("file", name)
    return None


def references_in(settings: JsonObject, paths: Sequence[Path] | frozenset[Path]) -> dict[Path, SecretRef]:
    """The references at known paths (`DesiredEndpoint.secrets`; their first part is "service_settings")."""
    found = {}
    for path in sorted(paths, key=str):
        value: Json = settings
        for part in path[1:]:
            value = value[part] if isinstance(value, Mapping) and isinstance(part, str) else None
        reference = parse_reference(value)
        if reference is not None:
            found[path] = reference
    return found


def scan(
    root: str,
    settings: JsonObject,
    fields: Sequence[str],
    service: str,
    *,
    allowed: bool = True,
    anywhere: bool = False,
) -> Scan:
    """All secrets of one settings mapping (`root` is its key in the file).

    `fields` are the service's own secret fields; any other key that sounds like a credential counts too.
    `allowed` is False where no secret may stand at all (task settings: GET returns them in clear). `anywhere` is
    True for a service that is unknown to us: whatever carries a reference is then a secret.
    """
    walker = _Walker(frozenset(fields), service, allowed=allowed, anywhere=anywhere)
    cleaned = {key: walker.visit((root, key), key, value, own=key in fields) for key, value in settings.items()}
    return Scan(cleaned, walker.references, walker.findings, walker.literals)


@dataclass(slots=True)
class _Walker:
    fields: frozenset[str]
    service: str
    allowed: bool = field(kw_only=True)
    anywhere: bool = field(default=False, kw_only=True)
    references: dict[Path, SecretRef] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    literals: list[str] = field(default_factory=list)

    def visit(self, path: Path, key: str, value: Json, *, own: bool) -> Json:
        """The value as later checks may see it."""
        if own and key in _MAPPINGS:
            if isinstance(value, Mapping):
                return {k: self._secret((*path, k), k, v, own=True) for k, v in value.items()}
            self._secret(path, key, value, own=True)
            return {}
        if own or looks_secret(key):
            return self._secret(path, key, value, own=key in self.fields)
        if isinstance(value, str):
            self._url(path, value)
            return value
        if isinstance(value, Mapping):
            if not self.allowed or set(value) & set(KINDS) == set() or len(value) != 1:
                return {k: self.visit((*path, k), k, v, own=False) for k, v in value.items()}
            reference = parse_reference(value)
            if reference is not None and self.anywhere:
                self.references[path] = reference
            elif reference is not None:
                self._misplaced(path, key)
            return value
        if isinstance(value, Sequence):
            self._pair(path, value)
            return [self.visit((*path, i), key, item, own=False) for i, item in enumerate(value)]
        return value

    def _secret(self, path: Path, key: str, value: Json, *, own: bool) -> Json:
        """`own` secrets are references and nothing else; where only the name sounds like one, more may stand."""
        if isinstance(value, bool | None) and not own:
            return value
        reference = parse_reference(value)
        if reference is not None and self.allowed:
            self.references[path] = reference
            return value
        if isinstance(value, Mapping) and not own and not set(value) & set(KINDS):
            return {k: self._secret((*path, k), k, v, own=False) for k, v in value.items()}
        if isinstance(value, str) and not own and "${" in value:
            return value  # a template of the `custom` service: "Bearer ${api_key}"
        self.literals.extend(_texts(value))
        if not self.allowed:
            self._add(path, "secret.misplaced", f"{key} holds a secret where GET shows it to every reader",
                      "task settings are returned in clear", "move it into service_settings")  # fmt: skip
        else:
            code, words = misfit(value)
            self._add(path, code, f"{key} {words}", WHY[code], self._line(key))
        return _PLACEHOLDER

    def _line(self, key: str) -> str:
        field_name = re.sub(r"[^A-Za-z0-9]+", "_", key).upper().strip("_")
        service = re.sub(r"[^A-Za-z0-9]+", "_", self.service).upper().strip("_")
        return f"{key}: {{env: {service}_{field_name}}}"

    def _url(self, path: Path, value: str) -> None:
        found = _USERINFO.match(value)
        if found:
            self.literals.append(found[1])
            self._add(path, "secret.literal", "the URL holds a user name or a password", _WHY_LITERAL,
                      "remove the part before the @; the secret field takes the credential")  # fmt: skip

        for name, text in _QUERY.findall(value):
            self._query(path, name, text)

    def _pair(self, path: Path, value: Sequence[Json]) -> None:
        """A name and its value, as `custom` writes the parameters of a query."""
        if len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], str):
            self._query((*path, 1), value[0], value[1])

    def _query(self, path: Path, name: str, text: str) -> None:
        if "${" in text or not (looks_secret(name) or name.lower() in _QUERY_KEYS):
            return
        self.literals.append(text)
        self._add(path, "secret.literal", f"the query parameter {name} holds a credential", _WHY_LITERAL,
                  "the secret field takes the credential; in custom a header can carry it")  # fmt: skip

    def _misplaced(self, path: Path, key: str) -> None:
        self._add(path, "secret.misplaced", f"{key} is not a secret field, so it takes no reference",
                  "what a reference stands for is kept out of plans and reports; this field is shown in both",
                  f"{key}: the value itself")  # fmt: skip

    def _add(self, path: Path, code: str, what: str, why: str, fix: str) -> None:
        self.findings.append(Finding(path, code, what, why, fix))


def _texts(value: Json) -> Iterator[str]:
    """Every text inside a value that should have been a reference."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key not in KINDS:
                yield key
            yield from _texts(item)
    elif isinstance(value, Sequence):
        for item in value:
            yield from _texts(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)
