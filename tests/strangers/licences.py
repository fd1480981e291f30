"""What a licence that does not allow inference refuses, and when it says so."""

from __future__ import annotations

from .endpoints import SPARSE
from .row import Ask, Row

WORDS = "current license is non-compliant for [inference]"
SECURITY = "security_exception"
MAKE = Ask("PUT", "/_inference/sparse_embedding/ep", SPARSE)
EXPIRED = Ask("POST", "/_emulator/cluster", {"licensed": False})
BASIC = {"licensed": False}


def update(inference_id: str) -> Ask:
    body = {"service_settings": {"api_key": "new"}}
    return Ask("PUT", f"/_inference/sparse_embedding/{inference_id}/_update", body)


def infer(inference_id: str) -> Ask:
    return Ask("POST", f"/_inference/sparse_embedding/{inference_id}", {"input": ["washing", "machine"]})


PER_SERVICE = "9.3 asks for each service by itself, so an endpoint is looked up first"

ROWS = [
    Row(
        "an update is refused before the endpoint is looked up",
        "licence for all",
        update("nobody"),
        403,
        SECURITY,
        WORDS,
        since="8.18",
        until="9.2",
        cluster=BASIC,
    ),
    Row(
        "an update looks for its endpoint first",
        "licence per service",
        update("nobody"),
        404,
        since="9.3",
        cluster=BASIC,
        inferred=PER_SERVICE,
    ),
    Row(
        "an update did not ask for the licence",
        "licence for all",
        update("ep"),
        until="8.17",
        first=(MAKE, EXPIRED),
        inferred="the check came with 8.18",
    ),
    Row(
        "an update of an endpoint that is there",
        "licence for all",
        update("ep"),
        403,
        SECURITY,
        WORDS,
        since="8.18",
        first=(MAKE, EXPIRED),
        inferred="from 9.3 on, where only the update of 9.5 is asked",
    ),
    Row(
        "inference is refused before the endpoint is looked up",
        "licence for all",
        infer("nobody"),
        403,
        SECURITY,
        WORDS,
        since="8.18",
        until="9.2",
        cluster=BASIC,
    ),
    Row(
        "inference looks for its endpoint first",
        "licence per service",
        infer("nobody"),
        404,
        since="9.3",
        cluster=BASIC,
        inferred=PER_SERVICE,
    ),
    Row(
        "inference of an endpoint that is there",
        "licence for all",
        infer("ep"),
        403,
        SECURITY,
        WORDS,
        since="8.18",
        first=(MAKE, EXPIRED),
        inferred="from 9.3 on",
    ),
    Row("a trial lets an update look for its endpoint", "licence trial", update("nobody"), 404, since="8.18"),
    Row("a trial lets inference look for its endpoint", "licence trial", infer("nobody"), 404, since="8.18"),
    Row("a trial lets an endpoint be made", "licence trial", MAKE),
]
