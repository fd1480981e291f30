"""Keyed digests of secrets: they tell that a secret changed, and nothing about what it is. Pure.

A digest is HMAC-SHA256 over cluster uuid, endpoint id, path and value, so that equal secrets of two endpoints look
different. The key comes from the operator, else it is a random salt that the ledger keeps. Beside each digest stands
the id of its key, a digest of another domain: under a new key nothing was compared, so nothing has changed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from inferctl.json_types import object_of, path_text
from inferctl.planner.secret_state import OTHER_KEY, SecretCheck, SecretState
from inferctl.secrets.reference import references_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.ownership import LedgerView, Owned
    from inferctl.secrets.reference import SecretRef
    from inferctl.secrets.secret import Secret

KEY_VARIABLE = "INFERCTL_FINGERPRINT_KEY"
_KEY_ID = "inferctl fingerprint key id, version 1"
_DIGEST = "inferctl fingerprint, version 1"
_ID_HEX = 16
SHORTEST_KEY = 16
# Beside a digest of which nobody knows any more whether the server holds that secret: a write was not confirmed.
UNSURE = "unsure"
# Beside a digest of what the environment held when somebody said that the server holds it: no run of ours sent it.
ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """The digests of one cluster under one key."""

    key: Secret
    cluster_uuid: str

    @property
    def key_id(self) -> str:
        """16 hex digits that name the key and do not give it away.

        The cluster is part of it: a ledger that was restored into another cluster was made with another key.
        """
        message = json.dumps([_KEY_ID, self.cluster_uuid]).encode("ascii")
        return hmac.new(self._octets(), message, hashlib.sha256).hexdigest()[:_ID_HEX]

    def digest(self, inference_id: str, path: Path, value: Secret) -> str:
        """64 hex digits. The parts are framed as a JSON list, so that no two inputs meet."""
        parts = [_DIGEST, self.cluster_uuid, inference_id, path_text(path), value.reveal()]
        return hmac.new(self._octets(), json.dumps(parts).encode("ascii"), hashlib.sha256).hexdigest()

    def entry(self, inference_id: str, path: Path, value: Secret, since: str) -> dict[str, Json]:
        """What the ledger keeps of a secret that was sent on the day `since` (ISO 8601)."""
        return {"key": self.key_id, "digest": self.digest(inference_id, path, value), "since": since}

    def accepted(self, inference_id: str, path: Path, value: Secret, since: str) -> dict[str, Json]:
        """The same of a secret that somebody else sent, as the operator says, and that was accepted on that day."""
        return {**self.entry(inference_id, path, value, since), ACCEPTED: True}

    def _octets(self) -> bytes:
        return self.key.reveal().encode("utf-8", "surrogatepass")


def check_secrets(
    endpoints: Iterable[DesiredEndpoint],
    ledger: LedgerView,
    fingerprints: Fingerprints | None,
    secrets: Mapping[SecretRef, Secret],
    today: date,
) -> dict[str, tuple[SecretCheck, ...]]:
    """What can be said of each secret of each endpoint that is ours, sorted by path.

    `secrets` are those that could be resolved: the others count as not checked. `fingerprints` None: there is no key.
    """
    look = _Look(fingerprints, secrets, today)
    digests = {}
    for endpoint in endpoints:
        owned = ledger.ours(endpoint.inference_id)
        if owned is not None and (endpoint.secrets or owned.secrets):
            digests[endpoint.inference_id] = look.checks(endpoint, owned)
    return digests


@dataclass(frozen=True, slots=True)
class _Look:
    """What is at hand for comparing."""

    fingerprints: Fingerprints | None
    secrets: Mapping[SecretRef, Secret]
    today: date

    def checks(self, endpoint: DesiredEndpoint, owned: Owned) -> tuple[SecretCheck, ...]:
        references = references_in(endpoint.service_settings, endpoint.secrets)
        paths = sorted(endpoint.secrets, key=path_text)
        checks = [self._check(endpoint.inference_id, path, owned.secrets, references.get(path)) for path in paths]
        there = {path_text(path) for path in paths}
        # A path that only the ledger knows: its text is enough, nothing of it will be sent.
        checks += [SecretCheck((name,), SecretState.REMOVED) for name in sorted(owned.secrets) if name not in there]
        return tuple(checks)

    def _check(
        self, inference_id: str, path: Path, known: JsonObject, reference: SecretRef | None
    ) -> SecretCheck:  # fmt: skip
        name = path_text(path)
        if name not in known:
            return SecretCheck(path, SecretState.ADDED)
        entry = known[name]
        noted = object_of(entry)
        unsure = bool(noted.get(UNSURE))
        if is_unknown(entry):
            return SecretCheck(path, SecretState.UNKNOWN)
        since = str(noted.get("since", ""))
        age_days = _age_days(since, self.today)
        value = self.secrets.get(reference) if reference is not None else None
        if value is None:
            why = f"{reference} cannot be read here"
            return SecretCheck(path, SecretState.NOT_CHECKED, since, age_days, why, unsure=unsure)
        same = self._is_same(inference_id, path, noted, value)
        if unsure:
            return SecretCheck(path, SecretState.UNCONFIRMED, since, age_days, unsure=True, same=bool(same))
        if same is None:
            return SecretCheck(path, SecretState.NOT_CHECKED, since, age_days, OTHER_KEY)
        known_as = SecretState.ACCEPTED if noted.get(ACCEPTED) else SecretState.SAME
        return SecretCheck(path, known_as if same else SecretState.CHANGED, since, age_days)

    def _is_same(self, inference_id: str, path: Path, noted: JsonObject, value: Secret) -> bool | None:
        """None where the two cannot be compared."""
        if self.fingerprints is None or noted.get("key") != self.fingerprints.key_id or "digest" not in noted:
            return None
        digest = self.fingerprints.digest(inference_id, path, value)
        return hmac.compare_digest(str(noted["digest"]).encode(), digest.encode())


def is_unknown(entry: Json) -> bool:
    """Whether the ledger's entry of a secret says nothing: it was adopted, and neither sent nor accepted."""
    noted = object_of(entry)
    return not isinstance(noted.get("digest"), str) and not noted.get(UNSURE)


def _age_days(since: str, today: date) -> int | None:
    try:
        return max(0, (today - date.fromisoformat(since)).days)
    except ValueError:
        return None
