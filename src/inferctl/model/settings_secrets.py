"""The secrets in the settings of an endpoint: its references, and every literal that should have been one.

Literals leave this module only as `literals`, for the one purpose of taking them out of texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inferctl.secrets.credential_names import looks_secret
from inferctl.secrets.credentials import (
    holds_credential,
    is_credential,
    is_template,
    keys_in,
    parameter,
    secret_members,
    secret_parameters,
    user_info,
    without_credentials,
)
from inferctl.secrets.reference import KINDS, PLACEHOLDER, WHY, misfit, parse_reference, variable_name
from inferctl.syntax.finding import Finding
from inferctl.syntax.flow_style import flow_text, scalar_text

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.secrets.reference import SecretRef

_LONGEST = 600
# `custom` takes a free mapping of secrets: its values are the references.
_MAPPINGS = frozenset({"secret_parameters"})
_WHY_ADDRESS = "files are in Git and addresses in logs: a secret field, or a header of custom, takes the credential"
_WHY_MEMBER = "files are in Git: a template in the text takes the credential from secret_parameters"


@dataclass(slots=True)
class SettingsSecrets:
    """Secrets in one endpoint's settings. `settings` hold a reference in place of every literal."""

    settings: dict[str, Json]
    references: dict[Path, SecretRef] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    literals: list[str] = field(default_factory=list, repr=False)


def find_secrets(
    root: str,
    settings: JsonObject,
    fields: Sequence[str],
    service: str,
    *,
    allowed: bool = True,
    anywhere: bool = False,
) -> SettingsSecrets:
    """All secrets of one settings mapping (`root` is its key in the file).

    `fields` are the service's own secret fields; any other key that sounds like a credential counts too.
    `allowed` is False where no secret may stand at all (task settings: GET returns them in clear). `anywhere` is
    True for a service that is unknown to us: whatever carries a reference is then a secret.
    """
    finder = _Finder(frozenset(fields), service, allowed=allowed, anywhere=anywhere)
    cleaned = {key: finder.visit((root, key), key, value, own=key in fields) for key, value in settings.items()}
    return SettingsSecrets(cleaned, finder.references, finder.findings, finder.literals)


def proposal(key: str, service: str) -> str:
    """The line with the reference that a secret field may hold: `api_key: {env: OPENAI_API_KEY}`."""
    name = variable_name(service, key)
    if key in _MAPPINGS:
        return f"{scalar_text(key)}: {{name: {{env: {name}}}}}"
    return f"{scalar_text(key)}: {{env: {name}}}"


def proposed(fix: str, service: str) -> str:
    """A fix for settings as `find_secrets` leaves them, with the name that `proposal` gives in the place of ours."""
    key = fix.removesuffix(f": {flow_text(PLACEHOLDER)}")
    return fix if key == fix else proposal(key, service)


@dataclass(slots=True)
class _Finder:
    fields: frozenset[str]
    service: str
    allowed: bool = field(kw_only=True)
    anywhere: bool = field(default=False, kw_only=True)
    references: dict[Path, SecretRef] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    literals: list[str] = field(default_factory=list)
    last_left: tuple[tuple[object, ...], Json, str] | None = None

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
            self._text(path, key, value, lambda: self._once(path, key, entry))
            return value
        if isinstance(value, Mapping):
            if not self.allowed or set(value) & set(KINDS) == set() or len(value) != 1:
                return {k: self.visit((*path, k), k, v, own=False) for k, v in value.items()}
            reference = parse_reference(value)
            if reference is not None and self.anywhere:
                self.references[path] = reference
            elif reference is not None:
                self._misplaced(path, key, self._once(path, key, entry, is_reference=True))
            return value
        if isinstance(value, Sequence):
            name, text = parameter(value)
            self._parameter((*path, 1), name, text, lambda: self._once(path, key, entry))
            return [self.visit((*path, i), key, item, own=False, entry=entry) for i, item in enumerate(value)]
        return value

    def _once(self, path: Path, key: str, entry: Json, *, is_reference: bool = False) -> str:
        """The line with what is left, worked out once for all that is found in an entry: that may be thousands."""
        place = (path[0], key, is_reference)
        if self.last_left is None or self.last_left[0] != place or self.last_left[1] is not entry:
            left = _plain(entry, f"my-{key}") if is_reference else without_credentials(entry)
            self.last_left = (place, entry, self._cleaned(path, key, left))
        return self.last_left[2]

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
        if isinstance(value, str) and not own and is_template(value):
            return value  # a template of the `custom` service: "Bearer ${api_key}"
        self.literals.extend(text for text in _texts(value) if text.lower() not in self._said_anyway())
        if not self.allowed:
            self._add(path, "secret.misplaced", f"{key} holds a secret where GET shows it to every reader",
                      "task settings are returned in clear: a secret belongs in service_settings",
                      f"remove {scalar_text(key)}")  # fmt: skip
        else:
            code, words = misfit(value)
            self._add(path, code, f"{key} {words}", WHY[code], proposal(key, self.service))
        return PLACEHOLDER

    # Most texts hold no credential, so the fix is worked out only for those that do.
    def _text(self, path: Path, key: str, value: str, fix: Callable[[], str]) -> None:
        user = user_info(value)
        if user:
            self.literals.append(user)
            self._add(path, "secret.literal", "the URL holds a user name or a password", _WHY_ADDRESS, fix())
        keys = keys_in(value)
        if keys:
            self.literals.extend(keys)
            what = f"{key} holds a text that has the form of a key"
            self._add(path, "secret.literal", what, _WHY_ADDRESS, fix())
        for name, text in secret_parameters(value):
            self._parameter(path, name, text, fix)
        for name, text in secret_members(value):
            self.literals.append(text)
            self._add(path, "secret.literal", f"{name} in the text of {key} holds a credential", _WHY_MEMBER, fix())

    def _parameter(self, path: Path, name: str, text: str, fix: Callable[[], str]) -> None:
        if not is_credential(name, text):
            return
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
    return word if parse_reference(value) is not None else value


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
