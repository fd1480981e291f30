"""Updates of endpoints whose model runs in the cluster, and how long a model stays without work."""

from __future__ import annotations

from typing import Any

from tests.emulator.api import elser

from .deployments import ATTACH, MODEL, OWN, START, grow
from .row import Ask, Row

ADAPTIVE = {"enabled": True, "min_number_of_allocations": 2, "max_number_of_allocations": 11}
GROWING: dict[str, Any] = {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4}
SELF_SIZED = Ask(
    "PUT",
    "/_inference/sparse_embedding/own",
    elser(model_id="my-model", num_allocations=None, adaptive_allocations=GROWING),
)
STATS = Ask("GET", "/_ml/trained_models/my-model/_stats")
TARGET = "trained_model_stats.0.deployment_stats.allocation_status.target_allocation_count"

ROWS = [
    Row(
        "bounds of adaptive allocations may be set on a fixed endpoint",
        "adaptive",
        grow("own", adaptive_allocations=ADAPTIVE),
        shows={"service_settings.adaptive_allocations": ADAPTIVE},
        since="9.3",
        first=(MODEL, OWN),
        inferred="from which release: the setting is read since 9.3",
    ),
    Row(
        "adaptive allocations may be switched on alone",
        "adaptive",
        grow("own", adaptive_allocations={"enabled": True}),
        shows={"service_settings.adaptive_allocations.enabled": True},
        since="9.3",
        first=(MODEL, OWN),
        inferred="from which release: the setting is read since 9.3",
    ),
    Row(
        "a bound moves",
        "adaptive",
        grow("own", adaptive_allocations={**GROWING, "max_number_of_allocations": 8}),
        shows={"service_settings.adaptive_allocations.max_number_of_allocations": 8},
        since="9.3",
        first=(MODEL, SELF_SIZED),
        inferred="from which release: the setting is read since 9.3",
    ),
    Row(
        "adaptive allocations beside a number were passed over",
        "internal service",
        grow("own", num_allocations=3, adaptive_allocations=ADAPTIVE),
        shows={"service_settings": {"num_allocations": 3, "num_threads": 1, "model_id": "my-model"}},
        until="9.2",
        first=(MODEL, OWN),
        inferred="read in the source of 8.17 to 9.1; 9.2 is not known",
    ),
    Row(
        "a number was part of any update",
        "internal service",
        grow("own", adaptive_allocations=ADAPTIVE),
        400,
        "status_exception",
        "Failed to parse [num_allocations] of update request "
        "[{service_settings={adaptive_allocations={max_number_of_allocations=11, min_number_of_allocations=2, "
        "enabled=true}}}]",
        until="9.2",
        first=(MODEL, OWN),
        inferred="read in the source of 8.17 to 9.1; 9.2 is not known",
    ),
    Row(
        "an attached endpoint was not found by the update of 8.17",
        "update task type",
        grow("attached"),
        404,
        "status_exception",
        "Requested model ID [attached] does not have a matching trained model and thus cannot be updated.",
        until="8.17",
        first=(MODEL, START, ATTACH),
        inferred="the text: the pull request says that such an update failed",
    ),
    Row(
        "a deployment of an endpoint stopped without a word",
        "stop",
        Ask("POST", "/_ml/trained_models/own/deployment/_stop"),
        until="8.18/9.0",
        first=(MODEL, OWN),
        inferred="for the first releases of 8.18 and 9.0; patches got the check",
    ),
    Row(
        "a model without work stays for a day",
        "idle",
        STATS,
        shows={TARGET: 1},
        since="9.1",
        first=(MODEL, SELF_SIZED, Ask("POST", "/_emulator/clock", {"advance_seconds": 3_600})),
        inferred="the release, and what is measured",
    ),
    Row(
        "a model without work stayed for minutes",
        "idle",
        STATS,
        shows={TARGET: 0},
        until="8.19/9.0",
        first=(MODEL, SELF_SIZED, Ask("POST", "/_emulator/clock", {"advance_seconds": 3_600})),
        inferred="the minutes: 15, the least that can be set later",
    ),
]
