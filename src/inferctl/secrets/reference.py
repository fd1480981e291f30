"""References to secrets in settings: `{env: NAME}`, `{file: PATH}`. Data only; resolving is `resolve`.

`scan` finds the references and every literal that should have been one. Literals leave this module only
as `literals`, for the one purpose of taking them out of texts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from inferctl.syntax.finding import Finding
from inferctl.syntax.flow import flow_text, scalar_text
from inferctl.syntax.mask import holds_credential, is_reference, looks_secret

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

    from inferctl.json_types import Json, JsonObject, Path

KINDS = ("env", "file")
ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_QUERY = re.compile(r"[?&]([^=?&#\s]+)=([^&#\s]+)")
_QUERY_KEYS = frozenset({"key", "sig"})  # too short to be suspicious anywhere else
USER_INFO = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*://([^/?#\s]*)@")
_PLACEHOLDER: Json = {"env": "SECRET"}
_LONGEST = 600
# `custom` takes a free mapping of secrets: its values are the references.
_MAPPINGS = frozenset({"secret_parameters"})
_WHY_LITERAL = "files are in Git: a secret stands there as a reference and is read when it is needed"
_WHY_ADDRESS = "files are in Git and addresses in logs: a secret field, or a header of custom, takes the credential"
WHY = {
    "secret.literal": _WHY_LITERAL,
    "secret.reference": "a secret is {env: NAME} (an environment variable) or {file: PATH} (below the secrets root)",
}
# What each kind of reference takes, in the words of JSON Schema.
FORMS: dict[str, dict[str, str]] = {
    "env": {
        "description": "The environment variable that holds the secret.",
        "pattern": f"^{ENV_NAME.pattern}$",
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


def proposal(key: str, service: str) -> str:
    """The line with the reference that a secret field may hold: `api_key: {env: OPENAI_API_KEY}`."""
    words = (re.sub(r"[^A-Za-z0-9]+", "_", word).upper().strip("_") for word in (service, key))
    name = "_".join(word for word in words if word) or "SECRET"
    name = name if ENV_NAME.fullmatch(name) else f"_{name}"
    if key in _MAPPINGS:
        return f"{scalar_text(key)}: {{name: {{env: {name}}}}}"
    return f"{scalar_text(key)}: {{env: {name}}}"


def proposed(fix: str, service: str) -> str:
    """A fix for settings as `scan` leaves them, with the name that `proposal` gives in the place of ours."""
    key = fix.removesuffix(f": {flow_text(_PLACEHOLDER)}")
    return fix if key == fix else proposal(key, service)


def without_credentials(value: Json) -> Json:
    """Texts and lists without user names in URLs and without query parameters that hold a credential."""
    if isinstance(value, str):
        text = USER_INFO.sub(lambda found: found[0][: found.start(1) - found.start()], value)
        text = _QUERY.sub(lambda found: "" if _is_credential(found[1], found[2]) else found[0], text)
        return text if "?" in text else text.replace("&", "?", 1)
    if isinstance(value, Sequence):
        return [without_credentials(item) for item in value if not _is_credential(*_pair(item))]
    return value


def _pair(value: Json) -> tuple[str, str]:
    """A name and its value, as `custom` writes the parameters of a query; empty texts for anything else."""
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        name, text = value
        if isinstance(name, str) and isinstance(text, str):
            return name, text
    return "", ""


def _is_credential(name: str, text: str) -> bool:
    """Whether a query parameter of this name holds one; a template does not."""
    return "${" not in text and (looks_secret(name) or name.lower() in _QUERY_KEYS)


@dataclass(slots=True)
class _Walker:
    fields: frozenset[str]
    service: str
    allowed: bool = field(kw_only=True)
    anywhere: bool = field(default=False, kw_only=True)
    references: dict[Path, SecretRef] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    literals: list[str] = field(default_factory=list)

    def _said_anyway(self) -> set[str]:
        """Words of our own sentences: to hide them hides no secret, and spoils the sentence and the fix."""
        return {"secret", *self.fields} | (set() if self.anywhere else {self.service.lower()})

    def visit(self, path: Path, key: str, value: Json, *, own: bool, entry: Json = None) -> Json:
        """The value as later checks may see it. `entry` is all that stands under the nearest key."""
        entry = value if isinstance(path[-1], str) else entry
        if own and key in _MAPPINGS:
            if isinstance(value, Mapping):
                return {k: self._secret((*path, k), k, v, own=True) for k, v in value.items()}
            self._secret(path, key, value, own=True)
            return {}
        if own or looks_secret(key):
            return self._secret(path, key, value, own=key in self.fields)
        if isinstance(value, str):
            self._url(path, value, lambda: self._cleaned(path, key, without_credentials(entry)))
            return value
        if isinstance(value, Mapping):
            if not self.allowed or set(value) & set(KINDS) == set() or len(value) != 1:
                return {k: self.visit((*path, k), k, v, own=False) for k, v in value.items()}
            reference = parse_reference(value)
            if reference is not None and self.anywhere:
                self.references[path] = reference
            elif reference is not None:
                self._misplaced(path, key, self._cleaned(path, key, _plain(entry, f"my-{key}")))
            return value
        if isinstance(value, Sequence):
            name, text = _pair(value)
            self._query((*path, 1), name, text, lambda: self._cleaned(path, key, without_credentials(entry)))
            return [self.visit((*path, i), key, item, own=False, entry=entry) for i, item in enumerate(value)]
        return value

    @staticmethod
    def _cleaned(path: Path, key: str, left: Json) -> str:
        """The line with what is left of a value; without it where nothing is, or not all of it may be shown."""
        line = f"{scalar_text(key)}: {flow_text(left)}"
        fit = left and len(line) <= _LONGEST and not holds_credential((path[0], key), left)
        return line if fit else f"remove {scalar_text(key)}"

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
        self.literals.extend(text for text in _texts(value) if text.lower() not in self._said_anyway())
        if not self.allowed:
            self._add(path, "secret.misplaced", f"{key} holds a secret where GET shows it to every reader",
                      "task settings are returned in clear: a secret belongs in service_settings",
                      f"remove {scalar_text(key)}")  # fmt: skip
        else:
            code, words = misfit(value)
            self._add(path, code, f"{key} {words}", WHY[code], proposal(key, self.service))
        return _PLACEHOLDER

    # Most texts hold no credential, so the fix is worked out only for those that do.
    def _url(self, path: Path, value: str, fix: Callable[[], str]) -> None:
        found = USER_INFO.match(value)
        if found:
            self.literals.append(found[1])
            self._add(path, "secret.literal", "the URL holds a user name or a password", _WHY_ADDRESS, fix())
        for name, text in _QUERY.findall(value):
            self._query(path, name, text, fix)

    def _query(self, path: Path, name: str, text: str, fix: Callable[[], str]) -> None:
        if _is_credential(name, text):
            self.literals.append(text)
            self._add(path, "secret.literal", f"the query parameter {name} holds a credential", _WHY_ADDRESS, fix())

    def _misplaced(self, path: Path, key: str, fix: str) -> None:
        self._add(path, "secret.misplaced", f"{key} is not a secret field, so it takes no reference",
                  "what a reference stands for is kept out of plans and reports; this field is shown in both",
                  fix)  # fmt: skip

    def _add(self, path: Path, code: str, what: str, why: str, fix: str) -> None:
        self.findings.append(Finding(path, code, what, why, fix))


def _plain(value: Json, word: str) -> Json:
    """The value with a word in the place of each reference."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item, word) for item in value]
    return word if is_reference(value) or parse_reference(value) is not None else value


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
