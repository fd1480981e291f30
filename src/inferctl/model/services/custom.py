"""Custom: `service: custom`."""

import re
from collections.abc import Collection, Iterable, Mapping
from itertools import groupby
from typing import Annotated, Literal

from inferctl.json_types import Json, object_of, texts_in
from inferctl.model.services.asked import Asked, own
from inferctl.model.services.common import (
    CHUNKED,
    COMPLETION,
    DENSE,
    RERANK,
    SPARSE,
    TEXT_EMBEDDING,
    Dimensions,
    MaxInputTokens,
    RateLimit,
)
from inferctl.model.services.marks import Doc, Example, Filled, Fold, Note, Only, Required, Since, Updatable, UpdateNote
from inferctl.model.services.service import Offered, Service
from inferctl.model.services.settings import ServiceSettings, Settings, TaskSettings
from inferctl.model.services.types import (
    AnyText,
    HeadersOrSecrets,
    Pair,
    PositiveInt,
    Scalar,
    Similarity,
    Text,
    UrlTemplate,
    Word,
)
from inferctl.model.versions import UNRELEASED, since
from inferctl.secrets.credentials import without_credentials
from inferctl.secrets.reference import SecretRef
from inferctl.syntax.finding import Finding
from inferctl.syntax.fixes import entry_line
from inferctl.syntax.flow_style import scalar_text


@own(unsayable="it compares the keys of two mappings")
def _one_name(asked: Asked) -> list[Finding]:
    """A name in secret_parameters is none in task_settings.parameters."""
    secrets, plain = asked.service_settings.get("secret_parameters"), asked.task_settings.get("parameters")
    if not isinstance(secrets, Mapping) or not isinstance(plain, Mapping):
        return []
    return [
        Finding(("task_settings", "parameters", name), "rule.exclusive", f"{name} is in secret_parameters too",
                "${" + name + "} could mean either", f"remove {scalar_text(name)}", "key")
        for name in plain if name in secrets
    ]  # fmt: skip


@own(unsayable="it looks for the keys of a mapping in texts")
def _no_secret_in_url(asked: Asked) -> list[Finding]:
    """The server fills the templates of the URL and the query in: what stands there ends up in logs."""
    secrets = asked.service_settings.get("secret_parameters")
    if not isinstance(secrets, Mapping):
        return []
    parameters = object_of(asked.task_settings.get("parameters"))
    known = _by_length((*secrets, *parameters))
    uses = {name: _names_in(value, known) for name, value in parameters.items()}
    findings = []
    for field in ("url", "query_parameters"):
        value = asked.service_settings.get(field)
        inside = _reached(_names_in(value, known), uses)
        names = [name for name in secrets if name in inside]
        fix = _without(field, value, known, _reached(names, _turned(uses))) if names else ""
        findings += [
            Finding(("service_settings", field), "secret.in-url", f"the secret {name} goes into {field}",
                    "URLs end up in the logs of proxies and providers; a header can carry it", fix)
            for name in names
        ]  # fmt: skip
    return findings


_ENDS_NAME = re.compile(r":-|\}")
_LONGEST, _MOST_PAIRS = 2_000, 100  # of what a fix is worked out for


_Names = Mapping[int, frozenset[str]]


def _by_length(names: Iterable[str]) -> _Names:
    return {size: frozenset(same) for size, same in groupby(sorted(names, key=len), key=len)}


def _names_in(value: Json, known: _Names) -> set[str]:
    """Which of these names, by their lengths, the server looks for to fill a value in.

    A template begins anywhere, also in the default of another one: `${a:-${b}}`. Each text is gone through once, and
    only names of a length that is known are taken out of it, whatever a stranger wrote.
    Source: `ValidatingSubstitutor`, which is the `StringSubstitutor` of Apache Commons Text.
    """
    names: set[str] = set()
    for text in texts_in(value):
        ends, end = _ENDS_NAME.finditer(text), -1
        start = text.find("${") + 2
        while start >= 2:
            while end < start:
                found = next(ends, None)
                if found is None:
                    break
                end = found.start()
            if end < start:
                break
            if end - start in known:
                names.update(known[end - start].intersection((text[start:end],)))
            start = text.find("${", start) + 2
    return names


def _reached(names: Iterable[str], leads: Mapping[str, Collection[str]]) -> set[str]:
    """These names, and all that they lead to: what stands for a name is filled in as well."""
    reached: set[str] = set()
    left = list(names)
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left += leads.get(name, ())
    return reached


def _turned(leads: Mapping[str, Collection[str]]) -> Mapping[str, list[str]]:
    """Who leads to each."""
    turned: dict[str, list[str]] = {}
    for name, others in leads.items():
        for other in others:
            turned.setdefault(other, []).append(name)
    return turned


def _without(field: str, value: Json, known: _Names, names: Collection[str]) -> str:
    """The line without the templates of these names, and without what only one of them fills."""
    if isinstance(value, str):
        left: Json = ""
        if len(value) <= _LONGEST:
            template = "|".join(
                rf"\$\{{{re.escape(name)}(?::-[^}}]*)?\}}" for name in _names_in(value, _by_length(names))
            )
            left = without_credentials(re.sub(rf"[^?&#/=]+=(?:{template})&?|{template}", "", value).rstrip("?&"))
        return entry_line(field, "https://my-host" if not left or _names_in(left, known).intersection(names) else left)
    pairs = value if isinstance(value, list) and len(value) <= _MOST_PAIRS else []
    rest = without_credentials([pair for pair in pairs if _names_in(pair, known).isdisjoint(names)])
    return entry_line(field, rest) if rest else f"remove {field}"


class JsonParser(Settings):
    """Where the answer holds what, by task type."""

    text_embeddings: Annotated[Text | None, Doc("JSONPath of the vectors."), Only(DENSE), Required()] = None
    embedding_type: Annotated[
        Word[Literal["float", "byte", "bit", "binary"]] | None,
        Doc("Number type of the vectors."),
        Since("9.2"),
        Only(DENSE),
        Filled("float"),
        Fold("lower"),
    ] = None
    token_path: Annotated[Text | None, Doc("JSONPath of the tokens."), Only(SPARSE), Required()] = None
    weight_path: Annotated[Text | None, Doc("JSONPath of the weights."), Only(SPARSE), Required()] = None
    relevance_score: Annotated[Text | None, Doc("JSONPath of the scores."), Only(RERANK), Required()] = None
    reranked_index: Annotated[Text | None, Doc("JSONPath of the positions."), Only(RERANK)] = None
    document_text: Annotated[Text | None, Doc("JSONPath of the texts."), Only(RERANK)] = None
    completion_result: Annotated[Text | None, Doc("JSONPath of the answer."), Only(COMPLETION), Required()] = None


class Response(Settings):
    """How to read the response."""

    json_parser: Annotated[JsonParser, Doc("Where the answer holds what, by task type.")]


class Translation(Settings):
    """Words by input type."""

    classification: Annotated[Text | None, Doc("The provider's word.")] = None
    clustering: Annotated[Text | None, Doc("The provider's word.")] = None
    ingest: Annotated[Text | None, Doc("The provider's word.")] = None
    search: Annotated[Text | None, Doc("The provider's word.")] = None


class InputTypes(Settings):
    """Maps the request input type to provider words."""

    translation: Annotated[Translation | None, Doc("Words by input type.")] = None
    default: Annotated[AnyText | None, Doc("For any other input type; the server fills in an empty text.")] = None


class CustomSettings(ServiceSettings, service="custom"):
    """Custom: `service_settings`."""

    secret_parameters: Annotated[
        dict[str, SecretRef] | None,
        Doc("Named secrets, usable as ${name} in url, headers, query and request."),
        UpdateNote(
            "replaced as a whole; in the version read an update whose service_settings omit it stores an empty map"
        ),
        Note(
            "keys must not clash with task_settings.parameters; required by the specification; optional in the source"
        ),
    ] = None
    url: Annotated[
        UrlTemplate,
        Doc("Request URL, may hold ${...} templates."),
        Updatable("9.5"),
        Note("optional in the specification, required in the source"),
    ]
    headers: Annotated[
        HeadersOrSecrets | None,
        Doc("HTTP headers, string to string; entries with null are dropped."),
        Updatable("9.5"),
        Note("left out of GET when empty"),
    ] = None
    query_parameters: Annotated[
        list[Pair] | None,
        Doc("List of [key, value] pairs; repeated keys allowed."),
        Example([["api-version", "2"]]),
        Updatable("9.5"),
    ] = None
    request: Annotated[
        Text,
        Doc("Body template as one JSON-escaped string."),
        Updatable("9.5"),
        Note(
            "the specification types it as an object with a content key, its own example and the source use a plain string"
        ),
    ]
    response: Annotated[
        Response, Doc("How to read the response."), Updatable("9.5", note="json_parser can be replaced")
    ]
    input_type: Annotated[
        InputTypes | None,
        Doc("Maps the request input type to provider words."),
        Only(CHUNKED),
        Filled({"translation": {}, "default": ""}),
        Updatable("9.5"),
    ] = None
    batch_size: Annotated[
        PositiveInt | None, Doc("Inputs per request during ingestion."), Filled(10), Updatable("9.5")
    ] = None
    similarity: Annotated[Similarity | None, Only(TEXT_EMBEDDING), Filled("dot_product")] = None
    dimensions: Annotated[Dimensions | None, Only(TEXT_EMBEDDING)] = None
    max_input_tokens: Annotated[MaxInputTokens | None, Only(TEXT_EMBEDDING), Updatable("9.5")] = None
    rate_limit: Annotated[RateLimit | None, Filled(), Updatable("9.5"), Note("absent in the specification")] = None

    conditions = (
        _one_name,
        _no_secret_in_url,
    )


class CustomTaskSettings(TaskSettings, service="custom"):
    """Custom: `task_settings`."""

    parameters: Annotated[dict[str, Scalar] | None, Doc("Non-secret template values: strings, numbers, booleans.")] = (
        None
    )


SERVICE = Service(
    name="custom",
    title="Custom",
    since=since("8.19"),
    task_types={
        "text_embedding": Offered(since("8.19"), rate_limit=10000),
        "sparse_embedding": Offered(since("8.19"), rate_limit=10000),
        "rerank": Offered(since("8.19"), rate_limit=10000),
        "completion": Offered(since("8.19"), rate_limit=10000),
        "embedding": Offered(
            UNRELEASED,
            rate_limit=10000,
            uncertain=True,
            note="the newest source has a dense-embedding parser; the specification does not list this task",
        ),
    },
    settings_class=CustomSettings,
    task_settings_class=CustomTaskSettings,
)
