"""Endpoints changed in place, version by version."""

from __future__ import annotations

from typing import Any

from tests.emulator.api import KEY, openai

from .row import ABSENT, Ask, Row

BODY = openai({"user": "a"}, model_id="gpt-4o-mini")
MAKE = Ask("PUT", "/_inference/completion/ep", BODY)
VECTORS = Ask("PUT", "/_inference/text_embedding/ep", openai())
FAILS = Ask("POST", "/_emulator/provider", {"outcome": "401"})
PROBE = "Could not complete inference endpoint creation as validation call to service threw an exception."
NOT_THERE = "The inference endpoint [nobody] does not exist and cannot be updated"
STATUS = "status_exception"
LIMIT = {"rate_limit": {"requests_per_minute": 7}}
SENTENCE = {"strategy": "sentence", "max_chunk_size": 250, "sentence_overlap": 1}
LOST = {"strategy": "word", "max_chunk_size": 250, "overlap": 100}
WORDS = {"strategy": "word", "max_chunk_size": 100, "overlap": 25}


def change(body: Any, target: str = "completion/ep") -> Ask:
    return Ask("PUT", f"/_inference/{target}/_update", body)


USER = change({"task_settings": {"user": "b"}})
ROTATE = change({"service_settings": {"api_key": "new"}})
SAME = change({"task_settings": {"user": "a"}})
LOCKED = Ask("POST", "/_emulator/endpoints/ep", {"updating": True})
READ = Ask("GET", "/_inference/ep")

ROWS = [
    Row(
        "an endpoint that is not there",
        "update",
        change({"task_settings": {"user": "b"}}, "completion/nobody"),
        404,
        STATUS,
        NOT_THERE,
    ),
    Row(
        "a key and a task setting in one update",
        "crud",
        change({"service_settings": {"api_key": "new"}, "task_settings": {"user": "b"}}),
        shows={"task_settings": {"user": "b"}, "inference_id": "ep"},
        first=(MAKE,),
    ),
    Row(
        "what an update answers is what GET shows",
        "crud",
        READ,
        shows={"endpoints.0.task_settings": {"user": "b"}},
        first=(MAKE, USER),
    ),
    Row(
        "the task type in the body too",
        "crud",
        change({"task_type": "completion", "task_settings": {"user": "b"}}),
        shows={"task_settings": {"user": "b"}},
        first=(MAKE,),
    ),
    Row(
        "the task type in the body alone",
        "update task type",
        change({"task_type": "completion", "task_settings": {"user": "b"}}, "ep"),
        shows={"task_settings": {"user": "b"}},
        since="8.18",
        first=(MAKE,),
    ),
    Row(
        "the task type in the body alone on 8.17",
        "update task type",
        change({"task_type": "completion", "task_settings": {"user": "b"}}, "ep"),
        400,
        STATUS,
        "Inference ID must be provided in the path",
        until="8.17",
        first=(MAKE,),
        inferred="the text: the pull request says that such an update failed",
    ),
    Row(
        "no task type at all",
        "create",
        change({"task_settings": {"user": "b"}}, "ep"),
        400,
        STATUS,
        "model is missing required setting [task_type]",
        since="8.18",
        first=(MAKE,),
    ),
    Row(
        "any is no task type of a body",
        "create",
        change({"task_type": "any", "task_settings": {"user": "b"}}, "ep"),
        400,
        STATUS,
        "task_type [any] is not valid type for inference",
        since="8.18",
        first=(MAKE,),
    ),
    Row(
        "path and body differ",
        "create",
        change({"task_type": "rerank", "task_settings": {"user": "b"}}),
        400,
        STATUS,
        "Cannot resolve conflicting task_type parameter in the request URL [completion] and the request body [rerank]",
        first=(MAKE,),
    ),
    Row(
        "another task type than the stored one",
        "update",
        change({"task_settings": {"user": "b"}}, "rerank/ep"),
        400,
        STATUS,
        "Task type must match the task type of the existing endpoint",
        first=(MAKE,),
        inferred="the text, read in the source beside the suite",
    ),
    Row(
        "a default endpoint",
        "update",
        change({"service_settings": {"num_allocations": 2}}, "sparse_embedding/.elser-2-elasticsearch"),
        400,
        STATUS,
        "Default endpoint [.elser-2-elasticsearch] cannot be updated",
        since="9.5",
    ),
    Row(
        "a licence that does not allow it",
        "update",
        USER,
        403,
        "security_exception",
        "current license is non-compliant for [inference]",
        since="9.5",
        first=(MAKE, Ask("POST", "/_emulator/cluster", {"licensed": False})),
    ),
    Row("a rotation asks the provider", "update", ROTATE, 400, STATUS, PROBE, since="9.4", first=(MAKE, FAILS)),
    Row(
        "a rotation that the provider refuses is not stored",
        "update",
        READ,
        shows={"endpoints.0.task_settings": {"user": "a"}},
        since="9.4",
        first=(
            MAKE,
            FAILS,
            Ask(
                "PUT",
                "/_inference/completion/ep/_update",
                {"service_settings": {"api_key": "x"}, "task_settings": {"user": "b"}},
                status=400,
            ),
        ),
    ),
    Row(
        "a rotation asked nobody before",
        "update validates",
        ROTATE,
        until="9.3",
        first=(MAKE, FAILS),
        inferred="the release: it is in the notes of 9.4.0",
    ),
    Row(
        "an update to what is there asks nobody",
        "update",
        change({"task_settings": {"user": "a"}}),
        since="9.4",
        first=(MAKE, FAILS),
    ),
    Row(
        "an unknown service setting",
        "update",
        change({"service_settings": {"unknown_setting": "unknown_value"}}),
        400,
        STATUS,
        "Configuration contains settings [{unknown_setting=unknown_value}] unknown to the [openai] service",
        since="9.5",
        first=(MAKE,),
    ),
    Row(
        "an unknown task setting",
        "update",
        change({"task_settings": {"unknown_setting": "unknown_value"}}),
        400,
        STATUS,
        "Configuration contains settings [{unknown_setting=unknown_value}] unknown to the [openai] service",
        since="9.5",
        first=(MAKE,),
    ),
    Row(
        "an unknown service setting was ignored",
        "leftovers",
        change({"service_settings": {"api_key": KEY, "unknown_setting": "x"}}),
        until="9.4",
        first=(MAKE,),
    ),
    Row(
        "an unknown task setting was ignored",
        "leftovers",
        change({"task_settings": {"unknown_setting": "x"}}),
        shows={"task_settings": {"user": "a"}},
        until="9.4",
        first=(MAKE,),
    ),
    Row(
        "an unknown chunking setting",
        "update",
        change(
            {
                "chunking_settings": {
                    "strategy": "sentence",
                    "max_chunk_size": 20,
                    "sentence_overlap": 0,
                    "unknown": "x",
                }
            },
            "text_embedding/ep",
        ),
        400,
        "validation_exception",
        "Sentence based chunking settings can not have the following settings: [unknown]",
        since="9.5",
        first=(VECTORS,),
    ),
    Row(
        "chunking settings are replaced",
        "update",
        change({"chunking_settings": WORDS}, "text_embedding/ep"),
        shows={"chunking_settings": WORDS},
        since="9.5",
        first=(VECTORS,),
    ),
    Row(
        "chunking settings that are empty stay",
        "update",
        change({"chunking_settings": {}, "service_settings": LIMIT}, "text_embedding/ep"),
        shows={"chunking_settings": SENTENCE, "service_settings.rate_limit": LIMIT["rate_limit"]},
        since="9.5",
        first=(VECTORS,),
    ),
    Row(
        "an update lost the chunking settings",
        "chunking lost",
        change({"service_settings": {"api_key": "new"}}, "text_embedding/ep"),
        shows={"chunking_settings": LOST},
        until="8.18/9.1",
        first=(VECTORS,),
        inferred="what a lost one reads as",
    ),
    Row(
        "an update keeps the chunking settings",
        "chunking kept",
        change({"service_settings": {"api_key": "new"}}, "text_embedding/ep"),
        shows={"chunking_settings": SENTENCE},
        since="9.2",
        first=(VECTORS,),
        inferred="from which patch on: 9.2.8 is asked, and 9.3.0 may lose them still (#141682 is of February 2026)",
    ),
    Row(
        "an update keeps the chunking settings on 8.19",
        "chunking kept",
        change({"service_settings": {"api_key": "new"}}, "text_embedding/ep"),
        shows={"chunking_settings": SENTENCE},
        since="8.19",
        until="8.19",
        first=(VECTORS,),
        inferred="the patch: fixed on this line early in 2026, and its profile counts as fixed",
    ),
    Row(
        "a rate limit changes",
        "mutable openai",
        change({"service_settings": LIMIT}),
        shows={"service_settings.rate_limit": LIMIT["rate_limit"]},
        since="9.5",
        first=(MAKE,),
        inferred="the release: merged in April 2026, after 9.4 was cut",
    ),
    Row(
        "a rate limit did not change",
        "leftovers",
        change({"service_settings": {"api_key": KEY, **LIMIT}}),
        shows={"service_settings.rate_limit": {"requests_per_minute": 500}},
        until="9.4",
        first=(MAKE,),
        inferred="that a rate limit is one of the settings that are passed over",
    ),
    Row(
        "the key was part of any change",
        "leftovers",
        change({"service_settings": LIMIT}),
        400,
        "validation_exception",
        "Validation Failed: 1: [service_settings] does not contain the required setting [api_key];",
        until="9.4",
        first=(MAKE,),
        inferred="the words of the refusal",
    ),
    Row(
        "a model that is sent again is refused",
        "leftovers 9.5",
        change({"service_settings": {"model_id": "gpt-4o-mini"}}),
        400,
        STATUS,
        "Configuration contains settings [{model_id=gpt-4o-mini}] unknown to the [openai] service",
        since="9.5",
        first=(MAKE,),
    ),
    Row(
        "a task setting that is left out stays",
        "leftovers",
        change({"service_settings": {"api_key": "new"}}),
        shows={"task_settings": {"user": "a"}},
        first=(MAKE,),
        inferred="that a merge keeps it: the suite merges objects that are mocks",
    ),
    Row(
        "secrets are in no answer of an update",
        "dense",
        ROTATE,
        shows={"service_settings.api_key": ABSENT},
        first=(MAKE,),
        inferred="the suite asks PUT and GET alone",
    ),
    Row(
        "an update to what is there waits for nobody",
        "update",
        SAME,
        since="9.4",
        first=(MAKE, LOCKED),
        inferred="the lock: the suite asks that nothing is written",
    ),
    Row(
        "an update to what is there waited for its turn",
        "update validates",
        SAME,
        409,
        STATUS,
        "Endpoint [ep] is currently being updated. Try again once the update completes",
        until="9.3",
        first=(MAKE, LOCKED),
        inferred="the lock: before, each update is written",
    ),
]
