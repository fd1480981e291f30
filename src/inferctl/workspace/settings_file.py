"""`inferctl.yaml` as one model: the reader, the JSON Schema for editors, and the value that the rest uses."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo

from inferctl.model.region_policy import RegionPolicy
from inferctl.model.versions import REGION_POLICIES
from inferctl.nearest import nearest
from inferctl.secrets.credentials import user_info
from inferctl.syntax.document import (
    COUNT_OR_SHARE,
    CountOrShare,
    CrossChecked,
    Document,
    Listed,
    SetOf,
    Why,
    fault,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import PydanticCustomError

VERBS = ("delete", "replace", "adopt", "forget", "take_over", "deny")
CREDENTIALS = ("api_key", "username", "password", "bearer_auth", "basic_auth", "token")
_ADDRESS = re.compile(r"[A-Za-z0-9.\-]+(?::[0-9]+)?/?")


def _without_user_info(url: str) -> str:
    user = user_info(url)
    if not user:
        return url
    scheme, _, rest = url.partition(f"{user}@")
    fix = f'url: "{scheme}{rest}"' if _ADDRESS.fullmatch(rest) else ""
    what = "the URL holds a user name or a password"
    raise fault("secret.literal", what, "the settings file is in Git: credentials come from the environment", fix)


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise fault("settings.value", "until is not a date", "a day is written as in ISO 8601") from None


def _a_policy(value: object) -> object:
    if value is None:
        why = "without the key the policy of the cluster is left alone; it is removed by a permit alone"
        raise fault("settings.value", "region_policy is null", why, "region_policy: {allowed_geos: [eu]}")
    return value


def _says(message: str) -> dict[str, Any]:
    return {"patternErrorMessage": message}


class Limits(Document):
    """What one run may do at most."""

    max_deletes: Annotated[
        CountOrShare | None,
        Field(
            description="A number, or a percentage of the endpoints that are ours. More deletes stop the run. "
            "Default: 20 %, at least 1.",
            examples=[3, "20%"],
            json_schema_extra=COUNT_OR_SHARE,
        ),
        Why("it bounds what one run may remove: a count, or a percentage up to 100%"),
    ] = None
    max_changes: Annotated[
        Annotated[int, Field(ge=0)] | None,
        Field(description="A number of steps. More stop the run. Default: no limit.", examples=[50]),
        Why("it is a count of steps"),
    ] = None


class Lock(Document):
    """The lock that one run of a scope holds."""

    ttl_s: Annotated[
        Annotated[float, Field(ge=0.5, le=3600)] | None,
        Field(description="Seconds after which the lock of a dead run may be taken over.", examples=[60]),
        Why("a run must beat three times within it, and a dead one must end"),
    ] = None


class Keep(Document):
    """Which runs stay in the ledger. Runs above either bound go at the end of an apply, the oldest first."""

    runs: Annotated[
        Annotated[int, Field(ge=1, le=100_000)] | None,
        Field(description="The number of runs of the scope. Default: 500.", examples=[500]),
        Why("the run that is at work stays, and each one makes the ledger larger"),
    ] = None
    days: Annotated[
        Annotated[int, Field(ge=1, le=36_500)] | None,
        Field(description="Their age in days. Default: 365.", examples=[365]),
        Why("it is an age in whole days, a hundred years at most"),
    ] = None


class IndexLedger(Document):
    """A ledger in the index of the cluster, with more to say of it."""

    keep: Keep = Keep.model_construct()


class Connection(CrossChecked):
    """How to reach the cluster. Credentials come from the environment."""

    url: Annotated[
        Annotated[str, AfterValidator(_without_user_info)] | None,
        Field(
            description="Address of the cluster, without user name and password.",
            examples=["https://search.example.com:9200"],
            json_schema_extra={
                "pattern": r"^(?![A-Za-z][A-Za-z0-9+.\-]*://[^/?#\s]*@)",
                **_says("user name and password come from the environment, not from a URL"),
            },
        ),
    ] = None
    ca_certs: Annotated[str | None, Field(description="Trust this CA file.", examples=["ca.pem"])] = None
    ca_fingerprint: Annotated[
        str | None,
        Field(description="Trust the certificate with this SHA-256 fingerprint."),
    ] = None
    insecure: Annotated[bool, Field(description="Do not check the certificate.")] = False
    timeout_s: Annotated[
        Annotated[float, Field(gt=0, le=86_400)] | None,
        Field(description="Limit of one request, in seconds.", examples=[30]),
        Why("it is the limit of one request, in seconds, and a day at most"),
    ] = None

    @classmethod
    def conditions(cls, raw: Mapping[str, Any], info: ValidationInfo) -> Iterator[PydanticCustomError]:
        """No credential in a file that is in Git."""
        del info
        why = (
            "the settings file is in Git: credentials come from the command line, or from ELASTICSEARCH_API_KEY, or "
            "ELASTICSEARCH_USERNAME and ELASTICSEARCH_PASSWORD"
        )
        for key in CREDENTIALS:
            if key in raw:
                yield fault("secret.literal", f"connection.{key} may not stand here", why, f"remove {key}", at=(key,))


def _id(description: str) -> Any:
    return Field(description=description, examples=["old-elser"])


class Permit(CrossChecked):
    """One permission."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": [verb]} for verb in VERBS],
            "defaultSnippets": [{"label": "delete", "body": {"delete": "old-elser", "reason": "moved to E5"}}],
        }
    )

    delete: Annotated[str | None, _id("The endpoint with this id may be deleted.")] = None
    replace: Annotated[str | None, _id("The endpoint with this id may be deleted and created again.")] = None
    adopt: Annotated[str | None, _id("The endpoint with this id, which exists and is nobody's, becomes ours.")] = None
    forget: Annotated[str | None, _id("The endpoint with this id is no longer ours, and stays.")] = None
    take_over: Annotated[str | None, _id("The endpoint with this id, which is another scope's, becomes ours.")] = None
    deny: Annotated[
        str | None, _id("The region policy may deny the endpoint with this id, although something uses it.")
    ] = None
    reason: Annotated[
        str,
        Field(description="Why, for the review.", examples=["moved to E5"]),
        Why("a permission without a reason cannot be reviewed"),
    ]
    until: Annotated[
        Annotated[date, BeforeValidator(_day, json_schema_input_type=str)] | None,
        Field(
            description="The last day, as YYYY-MM-DD.",
            examples=["2026-12-15"],
            json_schema_extra={
                "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
                **_says("a date is YYYY-MM-DD"),
            },
        ),
    ] = None
    force: Annotated[bool, Field(description="Also where something refers to the endpoint.")] = False

    @classmethod
    def conditions(cls, raw: Mapping[str, Any], info: ValidationInfo) -> Iterator[PydanticCustomError]:
        """One verb for each, and force for removals only."""
        del info
        verbs = [verb for verb in VERBS if raw.get(verb) is not None]
        known = f"a permit names one of {', '.join(VERBS)}"
        meant = any(nearest(str(key), VERBS) for key in raw if key not in cls.model_fields)
        if not verbs and not meant:
            yield fault("settings.value", f"{known}; this one names none", "it is for one step", "delete: old-elser")
        for extra in [key for key in raw if key in verbs][1:]:
            what, why = f"{known}; this one names {len(verbs)}", "each permission is reviewed by itself"
            yield fault("settings.value", what, why, f"remove {extra}", "key", at=(extra,))
        if raw.get("force") is True and len(verbs) == 1 and verbs[0] not in ("delete", "replace"):
            what = f"force is no part of a permit to {verbs[0].replace('_', ' ')}"
            yield fault("settings.value", what, "only a removal can be forced", "remove force", at=("force",))

    @property
    def verb(self) -> str:
        """The one of the six that holds an id."""
        return next(verb for verb in VERBS if getattr(self, verb) is not None)

    @property
    def inference_id(self) -> str:
        """The endpoint it is for."""
        return str(getattr(self, self.verb))


class SettingsFile(Document):
    """What a team does not want to type each time. No key is required."""

    scope: Annotated[
        Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9_.\-]*[a-z0-9])?$", max_length=400)] | None,
        Field(
            description="The name under which inferctl keeps what is ours.",
            examples=["search-team"],
            json_schema_extra=_says(
                "a scope has lower-case letters, digits, - _ and . and starts and ends with a letter or digit"
            ),
        ),
        Why("a scope becomes part of document ids: lower-case letters, digits, - _ . inside, 400 characters at most"),
    ] = None
    manage: Annotated[
        Listed[str],
        Field(
            description="Globs of endpoint ids that are ours. Everything else is never changed and nothing outside is "
            "created.",
            examples=[["search-*"]],
        ),
    ] = ()
    endpoints: Annotated[
        Listed[str],
        Field(
            description="Globs of endpoint files, relative to the folder of this file: the whole set.",
            examples=[["endpoints/**/*.yaml"]],
        ),
    ] = ()
    allow: Annotated[
        SetOf[
            Annotated[
                Literal["delete", "replace"],
                Field(
                    json_schema_extra={
                        "enumDescriptions": [
                            "Delete what is ours and no longer in the files, as --allow-delete.",
                            "Delete and create again where an update cannot do it, as --allow-replace.",
                        ]
                    }
                ),
            ]
        ],
        Field(description="Steps that need no flag."),
    ] = frozenset()
    limits: Limits = Limits.model_construct()
    ignore: Annotated[
        Listed[str],
        Field(
            description="Globs over paths of settings whose differences are left alone: service_settings.rate_limit.*",
            examples=[["service_settings.rate_limit.*"]],
        ),
    ] = ()
    ledger: Annotated[
        Annotated[
            Literal["index", "none"],
            Field(
                json_schema_extra={
                    "enumDescriptions": ["A hidden index in the cluster.", "Nowhere: `manage` alone decides."]
                }
            ),
        ]
        | IndexLedger
        | None,
        Field(description="Where inferctl keeps what is ours, and for how long it keeps runs."),
    ] = None
    lock: Lock = Lock.model_construct()
    permits: Annotated[
        Listed[Permit],
        Field(description="Permissions for one step each, with a reason. They are reviewed like any change."),
    ] = ()
    region_policy: Annotated[
        RegionPolicy | None,
        BeforeValidator(_a_policy),
        Field(
            description="Where the Elastic Inference Service may run models, for the whole cluster. Without this key "
            f"the policy of the cluster is left alone. Elasticsearch {REGION_POLICIES.text()} and newer."
        ),
    ] = None
    connection: Connection = Connection.model_construct()

    @property
    def ledger_scope(self) -> str | None:
        """The scope that a ledger is kept under; None where none is kept."""
        return None if self.ledger == "none" else self.scope

    @property
    def keep(self) -> Keep:
        """Which runs stay in it."""
        return self.ledger.keep if isinstance(self.ledger, IndexLedger) else Keep.model_construct()
