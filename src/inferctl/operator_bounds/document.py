"""The document that INFERCTL_BOUNDS names, as one model: the reader, the JSON Schema and the table in the docs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from inferctl.syntax.document import Document, Listed, MostChanges, MostDeletes, SetOf, Why

Globs = Listed[str]
_GLOBS = "it is a list of globs; one that is empty lets nothing by"


def _globs(description: str, *examples: str) -> object:
    return Field(description=description, examples=[list(examples)])


class MostOfARun(Document):
    """The most that the limits of a run may be set to, and that it may do."""

    max_deletes: Annotated[
        MostDeletes,
        Field(
            description="Deletes of one run: a number, or a percentage of the endpoints that are ours.",
        ),
    ] = None
    max_changes: Annotated[MostChanges, Field(description="Steps of one run.")] = None


class BoundsDocument(Document):
    """What no run may exceed, whoever asks for it. A field that is absent bounds nothing."""

    scopes: Annotated[
        Globs | None,
        _globs("Scopes that a run may use. A run without a scope is refused as well.", "search-team"),
        Why(_GLOBS),
    ] = None
    environments: Annotated[
        Globs | None,
        _globs("Environments of the settings file that a run may use. A run without one is refused too.", "staging"),
        Why(_GLOBS),
    ] = None
    manage: Annotated[
        Globs | None,
        _globs(
            "Ids of endpoints that a run may create, change, remove or note in the ledger. The region policy of the "
            "cluster goes by _region_policy.",
            "search-*",
        ),
        Why(_GLOBS),
    ] = None
    allow: Annotated[
        SetOf[Literal["delete", "replace", "adopt", "forget", "take_over", "force", "deny"]] | None,
        Field(description="What flags, settings and permits may allow.", examples=[["replace"]]),
        Why("it lists what may be allowed; an empty list lets nothing by"),
    ] = None
    limits: MostOfARun = MostOfARun.model_construct()
    hosts: Annotated[
        Globs | None,
        _globs("Hosts, or host:port: of the cluster's URL, and all that a key of the files goes to.", "api.openai.com"),
        Why(_GLOBS),
    ] = None
    schemes: Annotated[
        SetOf[Literal["https", "http"]] | None,
        Field(description="Schemes of these URLs. Without it, where hosts are bound: https.", examples=[["https"]]),
        Why("it lists schemes: https, http"),
    ] = None
    secrets: Annotated[
        Globs | None,
        _globs("Names of variables, and paths of secret files, that files may refer to.", "OPENAI_*"),
        Why(_GLOBS),
    ] = None
    secrets_root: Annotated[
        str | None,
        Field(description="The folder that {file: PATH} reads below.", examples=["/run/secrets"]),
    ] = None
    services: Annotated[
        Globs | None,
        _globs("Services that files may name.", "openai", "cohere"),
        Why(_GLOBS),
    ] = None
    passthrough: Annotated[
        bool | None,
        Field(
            description="Whether files may say passthrough: true. Without it they may; while hosts are bound not for a "
            "service that inferctl does not know, nor for texts in settings that it does not know."
        ),
    ] = None
    cluster_uuids: Annotated[
        Listed[str] | None,
        Field(
            description="Clusters that a run may use, by cluster_uuid as GET / shows it. Any other is left at once.",
            examples=[["37eb79dd87114f469d6852"]],
        ),
        Why("it is a list of cluster uuids"),
    ] = None
