"""An endpoint for each row of a table, and the plan as Markdown, as a pull request shows it."""

import csv
from pathlib import Path

from inferctl import Cluster, Endpoint, Permissions, apply, plan, render
from inferctl.services import OpenAISettings, RateLimit, SecretRef


def endpoint(row: dict[str, str]) -> Endpoint:
    return Endpoint(
        inference_id=row["inference_id"],
        task_type=row["task_type"],
        service="openai",
        service_settings=OpenAISettings(
            model_id=row["model_id"],
            dimensions=int(row["dimensions"]) if row["dimensions"] else None,
            api_key=SecretRef("env", "OPENAI_API_KEY"),
            rate_limit=RateLimit(requests_per_minute=500),
        ),
    )


with Path(__file__).with_name("models.csv").open(encoding="utf-8", newline="") as table:
    endpoints = [endpoint(row) for row in csv.DictReader(table)]

cluster = Cluster.emulator(scope="search-team")
apply(cluster, endpoints)
print(plan(cluster, endpoints))  # no changes

# A row that goes takes its endpoint with it, where that is allowed; an empty table deletes nothing.
may = Permissions(allow_delete=True)
print(render(plan(cluster, endpoints[1:], permissions=may), "markdown"))
print(plan(cluster, [], permissions=may))
