"""What the pages refuse, the emulator refuses too: two readings of one API, fault by fault.

`LAX` and `STRICTER` say where they differ on purpose, and a stricter entry that no longer
holds fails.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.factories import revealed
from tests.model.strategies import ELAND, every_case, known
from tests.model.test_every_field import Case, cases
from tests.model.test_rules import CASES

from inferctl.emulator.adapter import handle
from inferctl.emulator.cluster import Cluster
from inferctl.emulator.services import SERVICES
from inferctl.model.services import find
from inferctl.model.versions import Version

# Inside these the emulator does not look; the server keeps or refuses what is there by rules that nobody read.
LAX = {"response", "input_type", "adaptive_allocations", "reasoning", "thinking_config", "headers", "scopes",
       "query_parameters", "parameters", "rate_limit"}  # fmt: skip
# Refused by us alone, with the reason: by service, and the code that stands first.
STRICTER = {
    ("openai", "field.missing"): "OAuth settings beside an api_key: the server is not known to refuse them",
    ("googlevertexai", "rule.combination"): "max_tokens is for provider anthropic only",
    ("amazon_sagemaker", "rule.combination"): "which dialect covers what is from memory: the stricter bound stands",
    ("elasticsearch", "rule.combination"): "similarity is not accepted for E5, says the server's source",
    ("anthropic", "rule.exclusive"): "stored by the server, but unreadable afterwards",
    ("cohere", "rule.exclusive"): "model beside model_id: the server takes model_id, without a word",
    ("elastic", "field.missing"): "effort beside enabled: false is from a pull request",
    (
        "custom",
        "secret.in-url",
    ): "a URL ends up in logs and in GET: a secret never stands there, whatever the server takes",
}


def status(service: str, task: str, settings: Any, task_settings: Any, version: Version) -> int:
    cluster = Cluster.of(str(version))
    cluster.load_models([(ELAND, "text_embedding"), ("own", "text_embedding")])
    body = {
        "service": service,
        "service_settings": revealed(settings, "k"),
        "task_settings": revealed(task_settings, "k"),
    }
    headers = {"content-type": "application/json"}
    return handle(cluster, "PUT", f"/_inference/{task}/e", headers, json.dumps(body).encode()).status


def came_with_a_patch(name: str, task: str, case: Case) -> bool:
    """Of a setting that is too new for a line as a whole: whether a patch of the line has it."""
    fact = page.field(case.path, task) if (page := find(name)) else None
    return fact is not None and fact.since is not None and fact.since.may_include(case.version)


def excused(name: str, task: str, case: Case) -> bool:
    """A null counts as absent until the parsers of 9.5; inside free mappings the emulator does not look.

    Object parsers read a text as the number that it is, and cut a fraction off. What came with a patch is too new for its
    line as a whole, and not for the patch that the emulator plays.
    """
    if case.what == "too new" and came_with_a_patch(name, task, case):
        return True
    if SERVICES[name].parser and case.what in {"'7'", "7.5"} and case.path[0] == "service_settings":
        return True
    inside = len(case.path) > 2 and case.path[1] in LAX
    return case.what == "None" or inside or case.code.startswith("secret.")


@pytest.mark.parametrize(("name", "task"), every_case())
def test_it_refuses_what_we_refuse(name: str, task: str) -> None:
    for case in cases(name, task):
        if excused(name, task, case) or not known(name, task, case.version):
            continue
        document = case.document
        answer = status(name, task, document["service_settings"], document["task_settings"], case.version)
        assert 400 <= answer < 500, (case.what, case.path, str(case.version))


def test_rules() -> None:
    needed = set()
    for service, task, settings, task_settings, version, expected in CASES:
        answer = status(service, task, settings, task_settings, Version.parse(version))
        if ("deployment_id" in settings and service == "elasticsearch") or settings.get("long_document_strategy"):
            continue  # these need a deployment, or a model for rerank, that this cluster has not
        if not expected:
            assert answer == 200, (service, settings, task_settings)
        elif answer == 200:
            needed.add((service, expected[0][0]))
    assert needed == set(STRICTER)
