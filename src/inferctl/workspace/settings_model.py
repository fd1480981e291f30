"""The keys of `inferctl.yaml`, as pydantic models. Imported only where there is such a file."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class Limits(_Strict):
    """`limits:`."""

    max_deletes: int | str | None = None
    max_changes: int | None = None


class Lock(_Strict):
    """`lock:`."""

    ttl_s: int | float | None = None


class Connection(_Strict):
    """`connection:`; credentials never stand here."""

    url: str | None = None
    ca_certs: str | None = None
    ca_fingerprint: str | None = None
    insecure: bool | None = None
    timeout_s: int | float | None = None


class PermitKeys(_Strict):
    """One entry of `permits:`."""

    delete: str | None = None
    replace: str | None = None
    adopt: str | None = None
    forget: str | None = None
    take_over: str | None = None
    force: bool = False
    reason: str
    until: str | None = None


class SettingsFile(_Strict):
    """The whole file."""

    scope: str | None = None
    manage: list[str] = []
    endpoints: list[str] = []
    allow: list[Literal["delete", "replace"]] = []
    limits: Limits = Limits()
    ignore: list[str] = []
    ledger: Literal["index", "none"] | None = None
    lock: Lock = Lock()
    permits: list[PermitKeys] = []
    connection: Connection = Connection()


FIELDS: dict[str, tuple[str, ...]] = {
    "": tuple(SettingsFile.model_fields),
    "limits": tuple(Limits.model_fields),
    "lock": tuple(Lock.model_fields),
    "connection": tuple(Connection.model_fields),
    "permits": tuple(PermitKeys.model_fields),
}
