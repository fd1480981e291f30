"""DELETE beyond references: reserved endpoints, endpoints that cannot be read, and what is left behind."""

from __future__ import annotations

from .deployments import ATTACHED, MODEL, START
from .endpoints import SPARSE
from .row import ABSENT, Ask, Row

STATUS = "status_exception"
MAKE = Ask("PUT", "/_inference/sparse_embedding/ep", SPARSE)
BREAK = Ask("POST", "/_emulator/endpoints/ep", {"broken": True})
ELSER = "/_inference/.elser-2-elasticsearch"
RESERVED = (
    "[.elser-2-elasticsearch] is a reserved inference endpoint. Use the force=true query parameter to delete the "
    "inference endpoint."
)
NAMESAKE = (
    MODEL,
    START,
    Ask("PUT", "/_inference/sparse_embedding/twin", ATTACHED),
    Ask("POST", "/_ml/trained_models/my-model/deployment/_start?deployment_id=twin"),
    Ask("DELETE", "/_inference/twin"),
)
STATS = Ask("GET", "/_ml/trained_models/my-model/_stats")

ROWS = [
    Row(
        "a preconfigured endpoint is reserved",
        "delete",
        Ask("DELETE", ELSER),
        400,
        STATUS,
        RESERVED,
        since="8.18",
        inferred="from which release on",
    ),
    Row(
        "a preconfigured endpoint was not reserved",
        "delete",
        Ask("DELETE", ELSER),
        shows={"acknowledged": True},
        until="8.17",
        inferred="the check is not in the source of that line",
    ),
    Row(
        "force deletes a preconfigured endpoint",
        "delete",
        Ask("DELETE", f"{ELSER}?force=true"),
        shows={"acknowledged": True},
    ),
    Row(
        "a preconfigured endpoint comes back",
        "comes back",
        Ask("GET", ELSER),
        shows={"endpoints.#": 1},
        first=(Ask("DELETE", f"{ELSER}?force=true"),),
        inferred="for the lines before 8.18",
    ),
    Row(
        "an endpoint is gone", "crud", Ask("GET", "/_inference/ep"), 404, first=(MAKE, Ask("DELETE", "/_inference/ep"))
    ),
    Row(
        "an endpoint that cannot be read stays",
        "broken",
        Ask("DELETE", "/_inference/ep"),
        500,
        STATUS,
        "Failed to parse model configuration for inference endpoint",
        first=(MAKE, BREAK),
        inferred="the text",
    ),
    Row(
        "force deletes an endpoint that cannot be read",
        "broken",
        Ask("DELETE", "/_inference/ep?force=true"),
        shows={"acknowledged": True},
        since="9.2",
        first=(MAKE, BREAK),
    ),
    Row(
        "force did not delete an endpoint that cannot be read",
        "broken",
        Ask("DELETE", "/_inference/ep?force=true"),
        500,
        STATUS,
        until="8.19/9.1",
        first=(MAKE, BREAK),
    ),
    Row(
        "an error of the server names its class",
        "headers",
        Ask("DELETE", "/_inference/ep"),
        500,
        headers={"X-Elastic-App-Exception": "ElasticsearchStatusException"},
        since="9.2",
        first=(MAKE, BREAK),
        inferred="the class of this error",
    ),
    Row(
        "an error of the server named no class",
        "headers",
        Ask("DELETE", "/_inference/ep"),
        500,
        headers={"X-Elastic-App-Exception": None},
        until="8.19/9.1",
        first=(MAKE, BREAK),
    ),
    Row(
        "an attached endpoint leaves a deployment of its name",
        "deployment",
        STATS,
        shows={"count": 2, "trained_model_stats.*.deployment_stats.state": {"started"}},
        since="8.18",
        first=NAMESAKE,
        inferred="the namesake: the suite looks at the deployment that the endpoint was attached to",
    ),
    Row(
        "an attached endpoint stopped a deployment of its name",
        "internal service",
        STATS,
        shows={"count": 1, "trained_model_stats.0.deployment_stats.deployment_id": "existing"},
        until="8.17",
        first=NAMESAKE,
        inferred="read in the source; no suite asks",
    ),
    Row(
        "the answer of force names nobody",
        "crud",
        Ask("DELETE", "/_inference/ep?force=true"),
        shows={"acknowledged": True, "pipelines": [], "indexes": [], "error_message": ABSENT},
        first=(MAKE, Ask("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "ep"}}]})),
        inferred="the empty lists",
    ),
]
