"""Fields of `semantic_text`: what a mapping shows, and what it asks of an endpoint that is made again."""

from __future__ import annotations

from typing import Any

from tests.emulator.api import openai, semantic

from .row import ABSENT, Ask, Row

SETTINGS = {"dimensions": 128, "similarity": "cosine"}
USED = (
    "Inference endpoint [ep] could not be created because the inference_id is being used in mappings with incompatible "
    "settings for indices: [i-1]"
)
MAPPING = Ask("GET", "/i-1/_mapping")
FIELD = "i-1.mappings.properties.text"
INDEX = Ask("PUT", "/i-1", {"mappings": semantic("ep")})
DOCUMENT = Ask("PUT", "/i-1/_doc/1", {"text": "x"}, status=201)
OTHER = Ask("PUT", "/i-1/_doc/1", {"field": "value"}, status=201)
DELETE = Ask("DELETE", "/_inference/ep?force=true")


def make(task: str = "text_embedding", **settings: Any) -> Ask:
    body = openai(**{**SETTINGS, **settings}) if task == "text_embedding" else openai(model_id="gpt-4o-mini")
    return Ask("PUT", f"/_inference/{task}/ep", body)


FILLED = (make(), INDEX, DOCUMENT, DELETE)

ROWS = [
    Row("another task type", "again", make("completion"), 400, "status_exception", USED, since="9.2", first=FILLED),
    Row("other dimensions", "again", make(dimensions=256), 400, "status_exception", USED, since="9.2", first=FILLED),
    Row(
        "another similarity",
        "again",
        make(similarity="l2_norm"),
        400,
        "status_exception",
        USED,
        since="9.2",
        first=FILLED,
    ),
    Row("the same settings", "again", make(), shows={"inference_id": "ep"}, first=FILLED),
    Row("another model of the same shape", "again", make(model_id="other"), shows={"inference_id": "ep"}, first=FILLED),
    Row("another key", "again", make(api_key="other"), shows={"inference_id": "ep"}, first=FILLED),
    Row(
        "no vectors are there yet",
        "again",
        make(dimensions=256),
        shows={"inference_id": "ep"},
        first=(make(), INDEX, OTHER, DELETE),
    ),
    Row("an index may be there before its endpoint", "again", make(), shows={"inference_id": "ep"}, first=(INDEX,)),
    Row(
        "a mapping without a document has no settings of a model",
        "field caps",
        MAPPING,
        shows={f"{FIELD}.inference_id": "ep", f"{FIELD}.model_settings": ABSENT},
        first=(make(), INDEX),
    ),
    Row(
        "the first document brings the settings of the model",
        "field caps",
        MAPPING,
        shows={f"{FIELD}.model_settings.task_type": "text_embedding"},
        first=(make(), INDEX, DOCUMENT),
    ),
    Row(
        "a mapping without an endpoint shows one",
        "semantic default",
        MAPPING,
        shows={f"{FIELD}.inference_id": ".elser-2-elasticsearch"},
        first=(Ask("PUT", "/i-1", {"mappings": semantic(None)}),),
        inferred="which one: the suite takes either of two, and here is no EIS",
    ),
    Row(
        "chunking settings of a field",
        "field chunking",
        MAPPING,
        shows={f"{FIELD}.chunking_settings": {"strategy": "word", "max_chunk_size": 10, "overlap": 1}},
        since="8.19/9.1",
        first=(
            Ask(
                "PUT",
                "/i-1",
                {
                    "mappings": semantic(
                        "ep", chunking_settings={"strategy": "word", "max_chunk_size": 10, "overlap": 1}
                    )
                },
            ),
        ),
        inferred="9.1 as the release beside 8.19",
    ),
    *(
        Row(
            f"chunking settings of a field that are {name} are not shown",
            "field chunking",
            MAPPING,
            shows={f"{FIELD}.chunking_settings": ABSENT},
            since="8.19/9.1",
            first=(Ask("PUT", "/i-1", {"mappings": semantic("ep", chunking_settings=sent)}),),
            inferred="9.1 as the release beside 8.19",
        )
        for name, sent in (("null", None), ("empty", {}))
    ),
    Row(
        "a field has no multi-fields",
        "field caps",
        Ask("PUT", "/i-1", {"mappings": semantic("ep", fields={"k": {"type": "keyword"}})}),
        400,
        on_purpose="mappings of an index are kept as they are sent: inferctl reads them and never writes one",
    ),
    Row(
        "a field does not copy",
        "field caps",
        Ask("PUT", "/i-1", {"mappings": semantic("ep", copy_to="other")}),
        400,
        on_purpose="mappings of an index are kept as they are sent: inferctl reads them and never writes one",
    ),
    Row(
        "chunking settings of a field are looked at",
        "field chunking",
        Ask("PUT", "/i-1", {"mappings": semantic("ep", chunking_settings={"strategy": "foo"})}),
        400,
        since="8.19/9.1",
        on_purpose="mappings of an index are kept as they are sent: inferctl reads them and never writes one",
    ),
]
