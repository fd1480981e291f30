"""The keys of `inferctl.yaml` that an environment may have as well, each described once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo

from inferctl.model.region_policy import RegionPolicy
from inferctl.model.versions import OLDEST, REGION_POLICIES, Version
from inferctl.nearest import nearest
from inferctl.secrets.credentials import holds_credential, user_info
from inferctl.syntax.document import (
    CrossChecked,
    Document,
    Listed,
    MostChanges,
    MostDeletes,
    SetOf,
    Why,
    fault,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import PydanticCustomError

VERBS = ("delete", "replace", "adopt", "forget", "take_over", "deny")
CREDENTIALS = ("api_key", "username", "password", "bearer_auth", "basic_auth", "token")
VARIABLE_NAME = "^[A-Za-z_][A-Za-z0-9_]*$"
_ADDRESS = re.compile(r"[A-Za-z0-9.\-]+(?::[0-9]+)?/?")


def _without_user_info(url: str) -> str:
    user = user_info(url)
    if not user:
        return url
    scheme, _, rest = url.partition(f"{user}@")
    fix = f'url: "{scheme}{rest}"' if _ADDRESS.fullmatch(rest) else ""
    what = "the URL holds a user name or a password"
    raise fault("secret.literal", what, "the settings file is in Git: credentials come from variables", fix)


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


def _a_version(text: str) -> str:
    try:
        version = Version.parse(text)
    except ValueError:
        raise fault("settings.value", "this is not a version", "a version is two numbers, or serverless") from None
    if version < OLDEST:
        raise fault("settings.value", f"{version} is too old", f"inferctl knows {OLDEST} and newer")
    return text


def _of_a_cluster(uuid: str) -> str:
    if uuid == "_na_":
        what = "_na_ is no uuid"
        raise fault("settings.value", what, "every node says so that is in no cluster yet", "remove cluster_uuid")
    return uuid


def spoken_pattern(message: str) -> dict[str, Any]:
    """What an editor says of a value that does not match the pattern."""
    return {"patternErrorMessage": message}


class Limits(Document):
    """What one run may do at most."""

    max_deletes: Annotated[
        MostDeletes,
        Field(
            description="A number, or a percentage of the endpoints that are ours. More deletes stop the run. "
            "Default: 20 %, at least 1.",
        ),
    ] = None
    max_changes: Annotated[
        MostChanges, Field(description="A number of steps. More stop the run. Default: no limit.")
    ] = None


class Connection(CrossChecked):
    """How to reach the cluster. Credentials come from variables of the shell."""

    url: Annotated[
        Annotated[str, AfterValidator(_without_user_info)] | None,
        Field(
            description="Address of the cluster, without user name and password.",
            examples=["https://search.example.com:9200"],
            json_schema_extra={
                "pattern": r"^(?![A-Za-z][A-Za-z0-9+.\-]*://[^/?#\s]*@)",
                **spoken_pattern("user name and password come from variables of the shell, not from a URL"),
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
                **spoken_pattern("a date is YYYY-MM-DD"),
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


Allow = Annotated[
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
]
Ignore = Annotated[
    Listed[str],
    Field(
        description="Globs over paths of settings whose differences are left alone: service_settings.rate_limit.*",
        examples=[["service_settings.rate_limit.*"]],
    ),
]
Permits = Annotated[
    Listed[Permit],
    Field(description="Permissions for one step each, with a reason. They are reviewed like any change."),
]
DeclaredPolicy = Annotated[
    RegionPolicy | None,
    BeforeValidator(_a_policy),
    Field(
        description="Where the Elastic Inference Service may run models, for the whole cluster. Without this key "
        f"the policy of the cluster is left alone. Elasticsearch {REGION_POLICIES.text()} and newer."
    ),
]
ClusterUuid = Annotated[
    Annotated[str, Field(pattern=r"^[A-Za-z0-9_\-]{1,100}$"), AfterValidator(_of_a_cluster)] | None,
    Field(
        description="The cluster that is meant, by the uuid that it answers. Another one is refused.",
        examples=["3kFqXv0tQ3eH9ZxWc1d5sA"],
        json_schema_extra=spoken_pattern("a uuid has letters, digits, - and _"),
    ),
    Why("it is the cluster_uuid that GET / answers: letters, digits, - and _"),
]
TargetVersion = Annotated[
    Annotated[str, AfterValidator(_a_version)] | None,
    Field(
        description="The server version that `inferctl validate` checks against. Default: the newest known.",
        examples=["9.1", "serverless"],
    ),
]
InSecretNames = Annotated[
    bool,
    Field(description="Whether ${name} may stand in the name of a secret too: {env: ...} and {file: ...}."),
]
Scalar = str | int | float | bool


class Environment(CrossChecked):
    """One cluster that the endpoints are applied to: what is different there. No key is required."""

    connection: Connection = Connection.model_construct()
    cluster_uuid: ClusterUuid = None
    production: Annotated[
        bool,
        Field(description="Writes need a pin (cluster_uuid), TLS and the lock. The question names the environment."),
    ] = False
    target_version: TargetVersion = None
    variables: Annotated[
        Mapping[Annotated[str, Field(pattern=VARIABLE_NAME)], Scalar],
        Field(
            description="Values by name: a value of an endpoint file takes one as ${name}.",
            examples=[{"allocations": 2}],
            json_schema_extra={"additionalProperties": False},
        ),
    ] = Field(default_factory=dict)
    variables_in_secret_names: InSecretNames = False
    overlays: Annotated[
        Listed[str],
        Field(
            description="Globs of overlay files, relative to the folder of this file. They are merged onto the "
            "endpoints by id.",
            examples=[["environments/prod/**/*.yaml"]],
        ),
    ] = ()
    allow: Allow = frozenset()
    limits: Limits = Limits.model_construct()
    ignore: Ignore = ()
    permits: Permits = ()
    region_policy: DeclaredPolicy = None

    @classmethod
    def conditions(cls, raw: Mapping[str, Any], info: ValidationInfo) -> Iterator[PydanticCustomError]:
        """No credential in a file that is in Git."""
        del info
        variables = raw.get("variables")
        for name, value in variables.items() if isinstance(variables, Mapping) else ():
            if isinstance(name, str) and holds_credential(("variables", name), value):
                from inferctl.syntax.fixes import removal  # noqa: PLC0415  only for a fault

                what = f"the variable {name} holds a credential"
                why = "the settings file is in Git: a secret stands in the endpoint file as a reference, {env: NAME}"
                yield fault("secret.literal", what, why, removal(name), at=("variables", name))
