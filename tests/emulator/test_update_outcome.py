"""What an UPDATE does, kind by kind and line by line (update.md#merge, emulating.md#conformance item 28).

Each scenario below makes one change of a kind; the outcome word of the table decides what is looked at: the status, what GET shows afterwards, and whether the provider was asked.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.tables import rows

from inferctl.emulator.provider import ProviderRule

from . import catalogue
from .api import KEY, VERSIONS, Answer, Api, elser, known, openai, rerank

CHECKED = "provider_checked_then_applied"  # 200 after a probe of the provider; where that fails, 400
IGNORED, DEPLOYED = "ignored_200", "deployment_updated"
# What an UPDATE of one kind does, from the line named on. `unknown` is not established. `rest_decides` has no effect of
# its own. Until 9.4 the full secret goes along whenever service_settings do.
FROM: dict[str, dict[str, str]] = {
    "secret_only": {"8.17": "applied", "9.4": CHECKED},
    "secret_left_out": {"8.17": "error_400", "9.5": "rest_decides"},
    "task_setting_changed": {"8.17": "applied", "9.4": CHECKED},
    "task_setting_changed in the cluster": {"8.17": "error_400", "9.2": "unknown", "9.4": DEPLOYED},
    "task_setting_removed": {"8.17": IGNORED},
    "chunking_settings": {"8.17": "error_400", "9.5": CHECKED},
    "rate_limit": {"8.17": IGNORED, "9.4": "by_service"},
    "other_mutable_service_setting": {"8.17": IGNORED, "9.3": "by_service"},
    "identity_setting": {"8.17": IGNORED, "9.5": "error_400"},
    "num_allocations_own": {"8.17": DEPLOYED},
    "num_allocations_attached": {"8.17": "error_404", "8.18": DEPLOYED, "9.2": "error_409"},
    "adaptive_allocations": {"8.17": "error_400", "9.2": "unknown", "9.3": DEPLOYED},
    "num_threads": {"8.17": "error_400", "9.2": "unknown", "9.3": IGNORED, "9.5": "error_400"},
    "unknown_key": {"8.17": IGNORED, "9.5": "error_400"},
    "service_key_in_body": {"8.17": "error_400"},
    "null_value": {"8.17": IGNORED, "9.0": "error_500", "9.4": IGNORED, "9.5": "by_service"},
    "nothing_changed": {"8.17": "applied", "9.4": "unchanged_200"},
    "empty_body": {"8.17": "error_400"},
}


def every_line(first: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    word = ""
    for version in VERSIONS:
        found[version] = word = first.get(version, word)
    return found


KINDS = {kind: every_line(first) for kind, first in FROM.items()}
BY_LINE = "by_service"

Changed = Callable[[dict[str, Any]], bool]


@dataclass
class Scenario:
    """One change: what is there, what is sent, and how GET shows that it took effect."""

    task: str
    body: dict[str, Any]
    update: Any
    changed: Changed = lambda endpoint: False
    new_key: str = ""  # the secret is what changes: the key that works afterwards
    attached: bool = False
    updatable_since: str = ""  # for by_service rows
    outcome: dict[str, str] = field(default_factory=dict)  # instead of the row's own
    needs: str = ""  # first line on which the case can be made


def setting(name: str, value: Any) -> Changed:
    return lambda endpoint: endpoint["service_settings"].get(name) == value


def task_setting(name: str, value: Any) -> Changed:
    return lambda endpoint: endpoint.get("task_settings", {}).get(name) == value


def with_key(**settings: Any) -> dict[str, Any]:
    return {"service_settings": {"api_key": KEY, **settings}}


def simple(service: str, **settings: Any) -> dict[str, Any]:
    return {"service": service, "service_settings": {"api_key": KEY, "model_id": "m", **settings}}


ADAPTIVE = {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 4}
WIDER = {**ADAPTIVE, "max_number_of_allocations": 9}
BEDROCK = {
    "service": "amazonbedrock",
    "service_settings": {"access_key": "a", "secret_key": "s", "region": "r", "model": "m", "provider": "cohere"},
}
VERTEX = {
    "service": "googlevertexai",
    "service_settings": {"service_account_json": KEY, "location": "l", "model_id": "m", "project_id": "p"},
}
SAGEMAKER = {
    "service": "amazon_sagemaker",
    "service_settings": {"access_key": "a", "secret_key": "s", "endpoint_name": "e", "region": "r", "api": "openai"},
}
CHUNKS = {"strategy": "sentence", "max_chunk_size": 50, "sentence_overlap": 0}
LIMIT = {"requests_per_minute": 7}
ALL_400 = dict.fromkeys(VERSIONS, "error_400")
ALL_IGNORED = dict.fromkeys(VERSIONS, "ignored_200")
NUM_THREADS = KINDS["num_threads"]

SCENARIOS: dict[str, dict[str, Scenario]] = {
    "secret_only": {
        "an api key": Scenario("completion", openai(), {"service_settings": {"api_key": "new"}}, new_key="new"),
        "a pair": Scenario(
            "completion", BEDROCK, {"service_settings": {"access_key": "new", "secret_key": "x"}}, new_key="new"
        ),
        "endpoint_made_without_secret": Scenario(
            "completion",
            {"service": "llama", "service_settings": {"url": "http://x", "model_id": "m"}},
            {"service_settings": {"api_key": "new"}},
            new_key="new",
            outcome=ALL_IGNORED,
            needs="9.2",
        ),
        "half_of_a_pair": Scenario("completion", BEDROCK, {"service_settings": {"access_key": "new"}}, outcome=ALL_400),
    },
    "secret_left_out": {
        "with a mutable setting": Scenario(
            "completion",
            openai(),
            {"service_settings": {"organization_id": "o"}},
            setting("organization_id", "o"),
        ),
        "with an immutable setting": Scenario(
            "completion",
            openai(),
            {"service_settings": {"url": "http://y"}},
            setting("url", "http://y"),
            outcome=ALL_400,
        ),
        "optional_secret": Scenario(
            "completion",
            {"service": "llama", "service_settings": {"url": "http://x", "model_id": "m"}},
            {"service_settings": {"model_id": "n"}},
            outcome={**ALL_IGNORED, "9.5": "error_400"},
            needs="9.2",
        ),
    },
    "task_setting_changed": {
        "another value": Scenario(
            "completion", openai({"user": "a"}), {"task_settings": {"user": "b"}}, task_setting("user", "b")
        ),
        "a new key": Scenario("completion", openai(), {"task_settings": {"user": "b"}}, task_setting("user", "b")),
        "in_cluster": Scenario(
            "rerank",
            rerank(),
            {"task_settings": {"return_documents": False}},
            task_setting("return_documents", False),
            outcome=KINDS["task_setting_changed in the cluster"],
        ),
        "in_cluster with num_allocations": Scenario(
            "rerank",
            rerank(),
            {"task_settings": {"return_documents": False}, "service_settings": {"num_allocations": 2}},
            task_setting("return_documents", False),
            outcome=dict.fromkeys(VERSIONS, "deployment_updated"),
        ),
        "anthropic without max_tokens": Scenario(
            "completion",
            {**simple("anthropic"), "task_settings": {"max_tokens": 5}},
            {"task_settings": {"temperature": 0.5}},
            outcome=ALL_400,
        ),
    },
    "task_setting_removed": {
        # Something else is sent, so that the update itself is one that applies; the key stays.
        "left out": Scenario(
            "rerank",
            {**simple("cohere"), "task_settings": {"top_n": 3, "return_documents": True}},
            {"task_settings": {"top_n": 3}},
            lambda endpoint: "return_documents" not in endpoint["task_settings"],
        ),
    },
    "chunking_settings": {
        "external": Scenario(
            "text_embedding",
            openai(),
            {"chunking_settings": CHUNKS},
            lambda endpoint: endpoint["chunking_settings"] == CHUNKS,
        ),
        "in_cluster": Scenario(
            "sparse_embedding",
            elser(),
            {"chunking_settings": CHUNKS},
            lambda endpoint: endpoint["chunking_settings"] == CHUNKS,
            outcome={**ALL_400, "9.5": "deployment_updated"},
        ),
    },
    "rate_limit": {
        "openai": Scenario(
            "completion", openai(), with_key(rate_limit=LIMIT), setting("rate_limit", LIMIT), updatable_since="9.5"
        ),
        "ai21": Scenario(
            "completion",
            simple("ai21"),
            with_key(rate_limit=LIMIT),
            setting("rate_limit", LIMIT),
            updatable_since="9.4",
            needs="9.2",
        ),
        "service_without_rate_limit": Scenario(
            "completion",
            simple("deepseek"),
            with_key(rate_limit=LIMIT),
            setting("rate_limit", LIMIT),
            outcome={**ALL_IGNORED, "9.5": "error_400"},
            needs="8.19/9.1",
        ),
        "sagemaker": Scenario(
            "completion",
            SAGEMAKER,
            {"service_settings": {"access_key": "a", "secret_key": "s", "rate_limit": LIMIT}},
            outcome={**ALL_IGNORED, "9.5": "error_400"},
            needs="8.19/9.1",
        ),
        "elastic": Scenario(
            "chat_completion",
            {"service": "elastic", "service_settings": {"model_id": "m"}},
            {"service_settings": {"rate_limit": LIMIT}},
            setting("rate_limit", LIMIT),
            outcome={**ALL_IGNORED, "9.5": "error_400"},
            needs="8.18",
        ),
    },
    "other_mutable_service_setting": {
        "organization_id": Scenario(
            "completion",
            openai(),
            with_key(organization_id="o"),
            setting("organization_id", "o"),
            updatable_since="9.5",
        ),
        "max_input_tokens": Scenario(
            "text_embedding",
            openai(),
            with_key(max_input_tokens=9),
            setting("max_input_tokens", 9),
            updatable_since="9.5",
        ),
        "max_batch_size of googlevertexai": Scenario(
            "text_embedding",
            VERTEX,
            {"service_settings": {"service_account_json": KEY, "max_batch_size": 9}},
            setting("max_batch_size", 9),
            updatable_since="9.3",
        ),
        "batch_size of sagemaker": Scenario(
            "completion",
            SAGEMAKER,
            {"service_settings": {"access_key": "a", "secret_key": "s", "batch_size": 9}},
            setting("batch_size", 9),
            updatable_since="9.5",
            needs="8.19/9.1",
        ),
    },
    "identity_setting": {
        "model_id": Scenario("completion", openai(), with_key(model_id="n"), setting("model_id", "n")),
        "resent unchanged": Scenario("completion", openai(), with_key(model_id="text-embedding-3-small")),
        "dimensions": Scenario("text_embedding", openai(), with_key(dimensions=9), setting("dimensions", 9)),
        "in_cluster": Scenario(
            "sparse_embedding",
            elser(),
            {"service_settings": {"model_id": ".elser_model_2_linux-x86_64"}},
            setting("model_id", ".elser_model_2_linux-x86_64"),
            outcome=NUM_THREADS,
        ),
    },
    "num_allocations_own": {
        "more": Scenario(
            "sparse_embedding", elser(), {"service_settings": {"num_allocations": 3}}, setting("num_allocations", 3)
        ),
        "adaptive_on": Scenario(
            "sparse_embedding",
            elser(num_allocations=None, adaptive_allocations=ADAPTIVE),
            {"service_settings": {"num_allocations": 3}},
            setting("num_allocations", 3),  # until the autoscaler moves it again
            outcome={**ALL_400, "9.2": "unknown", **dict.fromkeys(("9.3", "9.4", "9.5"), DEPLOYED)},
        ),
        "not_an_integer": Scenario(
            "sparse_embedding",
            elser(),
            {"service_settings": {"num_allocations": "x"}},
            outcome={**dict.fromkeys(VERSIONS, "unknown"), "8.17": "error_500", "9.4": "error_400", "9.5": "error_400"},
        ),
    },
    "num_allocations_attached": {
        "somebody's deployment": Scenario(
            "sparse_embedding",
            {"service": "elasticsearch", "service_settings": {"deployment_id": "dep"}},
            {"service_settings": {"num_allocations": 3}},
            setting("num_allocations", 3),
            attached=True,
        ),
    },
    "adaptive_allocations": {
        "other bounds": Scenario(
            "sparse_embedding",
            elser(num_allocations=None, adaptive_allocations=ADAPTIVE),
            {"service_settings": {"adaptive_allocations": WIDER}},
            setting("adaptive_allocations", WIDER),
        ),
        "switch_fixed_to_adaptive": Scenario(
            "sparse_embedding",
            elser(),
            {"service_settings": {"adaptive_allocations": ADAPTIVE}},
            setting("adaptive_allocations", ADAPTIVE),
        ),
        "switch_adaptive_to_fixed": Scenario(
            "sparse_embedding",
            elser(num_allocations=None, adaptive_allocations=ADAPTIVE),
            {"service_settings": {"num_allocations": 3, "adaptive_allocations": {"enabled": False}}},
            lambda endpoint: endpoint["service_settings"]["adaptive_allocations"]["enabled"] is False,
        ),
    },
    "num_threads": {
        "num_threads": Scenario(
            "sparse_embedding", elser(), {"service_settings": {"num_threads": 2}}, setting("num_threads", 2)
        ),
        "deployment_id": Scenario("sparse_embedding", elser(), {"service_settings": {"deployment_id": "d"}}),
    },
    "unknown_key": {
        "service_settings": Scenario("completion", openai(), with_key(foo=1), setting("foo", 1)),
        "task_settings": Scenario("completion", openai(), {"task_settings": {"foo": 1}}, task_setting("foo", 1)),
        "in_cluster": Scenario(
            "sparse_embedding", elser(), {"service_settings": {"foo": 1}}, setting("foo", 1), outcome=NUM_THREADS
        ),
    },
    "service_key_in_body": {
        "service": Scenario("completion", openai(), {"service": "openai", "task_settings": {"user": "b"}}),
        "inference_id": Scenario("completion", openai(), {"inference_id": "ep", "task_settings": {"user": "b"}}),
        "metadata": Scenario("completion", openai(), {"metadata": {}, "task_settings": {"user": "b"}}),
        "anything": Scenario("completion", openai(), {"foo": 1, "task_settings": {"user": "b"}}),
    },
    "null_value": {
        "task_settings of a map parser": Scenario(
            "completion",
            openai({"user": "a"}),
            {"task_settings": {"user": None}},
            lambda endpoint: "task_settings" not in endpoint,
            outcome={**KINDS["null_value"], "9.5": "ignored_200"},
        ),
        "service_settings of a tri-state parser": Scenario(
            "completion",
            simple("cohere", rate_limit=LIMIT),
            with_key(rate_limit=None),
            setting("rate_limit", {"requests_per_minute": 10000}),
            outcome={**KINDS["null_value"], "9.5": "provider_checked_then_applied"},
        ),
        "in place of the map": Scenario("completion", openai(), {"task_settings": None}, outcome=ALL_400),
    },
    "nothing_changed": {
        "the stored values": Scenario(
            "completion",
            openai({"user": "a"}),
            {"service_settings": {"api_key": KEY}, "task_settings": {"user": "a"}},
            task_setting("user", "a"),
        ),
    },
    "empty_body": {
        "an empty object": Scenario("completion", openai(), {}),
        "an array": Scenario(
            "completion",
            openai(),
            [],
            outcome={v: "error_400" if known(v, "9.2") else "error_500" for v in VERSIONS},
        ),
        "null": Scenario(
            "completion",
            openai(),
            b"null",
            outcome={v: "error_400" if known(v, "9.2") else "error_500" for v in VERSIONS},
        ),
    },
}


def make(scenario: Scenario, version: str) -> Api:
    api = Api(version)
    if scenario.attached:
        api.put("sparse_embedding", "dep", elser())
    api.put(scenario.task, "ep", copy.deepcopy(scenario.body))
    return api


def key_works(api: Api, key: str) -> bool:
    """Whether the provider, which now knows one key only, is happy with what is stored."""
    kept = list(api.cluster.provider_rules)
    api.cluster.provider_rules[:] = [ProviderRule("401"), ProviderRule("ok", api_key=key)]
    good = api("POST", "/_inference/ep", {"input": "x"}).status == 200
    api.cluster.provider_rules[:] = kept
    return good


def state(api: Api) -> Any:
    """What GET and the stats show, without what the update bug of reconciling.md#known-faults may do to chunking."""
    shown = api.read("ep")
    if not known(api.version, "9.4"):
        shown.pop("chunking_settings", None)
    return shown, api.good("GET", "/_ml/trained_models/_stats")


def expect_applied(scenario: Scenario, api: Api, answer: Answer) -> None:
    assert answer.status == 200, answer.raw
    assert answer.body == api.read("ep")
    if scenario.new_key:
        assert key_works(api, scenario.new_key)
    else:
        assert scenario.changed(answer.body)


def expect(outcome: str, scenario: Scenario, version: str) -> None:
    """Check one outcome word on a fresh cluster."""
    api = make(scenario, version)
    before, writes = state(api), api.cluster.changes
    answer = api.update(scenario.task, "ep", scenario.update)
    asked = api.calls("update")
    if outcome.startswith("error_"):
        assert answer.status == int(outcome.removeprefix("error_")), answer.raw
        assert (state(api), asked, api.cluster.changes) == (before, 0, writes)
    elif outcome == "applied":
        expect_applied(scenario, api, answer)
        assert asked == 0
        assert api.cluster.changes > writes
    elif outcome == "provider_checked_then_applied":
        expect_applied(scenario, api, answer)
        assert asked == 1
        refused = make(scenario, version)
        refused.cluster.script_provider(ProviderRule("401"))
        answer = refused.update(scenario.task, "ep", scenario.update)
        assert answer.status == 400
        assert "caused_by" in answer.error
        assert state(refused) == before
        assert not (scenario.new_key and key_works(refused, scenario.new_key))
    elif outcome == "deployment_updated":
        expect_applied(scenario, api, answer)
        assert api.cluster.provider_calls == []
        deployment = api.cluster.deployments["dep" if scenario.attached else "ep"]
        assert deployment.allocations == answer.body["service_settings"]["num_allocations"]
    elif outcome == "ignored_200":
        assert answer.status == 200, answer.raw
        assert state(api) == before
        assert not scenario.changed(answer.body)
        assert not (scenario.new_key and key_works(api, scenario.new_key))
    elif outcome == "unchanged_200":
        assert answer.status == 200, answer.raw
        assert (state(api), asked, api.cluster.changes) == (before, 0, writes)
    elif outcome == "unknown":
        # Not established: the emulator may do either, but never half.
        assert answer.status in {200, 400, 500}
        if answer.status != 200:
            assert state(api) == before
    else:
        raise AssertionError(outcome)


def outcome_of(kind: str, scenario: Scenario, version: str) -> str:
    """The word of the table, with by_service and rest_decides worked out."""
    word = str((scenario.outcome or KINDS[kind])[version])
    if word == "rest_decides":
        return "provider_checked_then_applied"
    if word != BY_LINE:
        return word
    if not known(version, scenario.updatable_since):
        return "ignored_200"
    return "applied" if version == "9.3" else "provider_checked_then_applied"  # 9.3 applies without a probe (its note)


ROWS = [
    (kind, name, version)
    for kind, named in SCENARIOS.items()
    for name, scenario in named.items()
    for version in VERSIONS
    if known(version, scenario.needs)
]


@rows(ROWS)
def test_row(kind: str, name: str, version: str) -> None:
    """emulating.md#conformance item 28."""
    scenario = SCENARIOS[kind][name]
    expect(outcome_of(kind, scenario, version), scenario, version)


def test_every_row_has_a_scenario() -> None:
    assert {kind.removesuffix(" in the cluster") for kind in KINDS} == set(SCENARIOS)


# --- every service


def changes(scope: str) -> list[tuple[str, str, str, str]]:
    """Service, task type, line and field of everything that an endpoint was made with, secrets apart."""
    return [
        (service, task, version, name)
        for service, task, version in catalogue.cases()
        if service not in catalogue.IN_CLUSTER
        for name, field in catalogue.puttable(service, scope, task, version).items()
        if not field.secret
        and name in catalogue.body(service, task, version, full=True).get(scope, {})
        and not (scope == "task_settings" and name == "max_tokens" and service == "anthropic")
    ]


def make_full(service: str, task: str, version: str) -> Api:
    api = Api(version)
    api.put(task, "ep", catalogue.body(service, task, version, full=True))
    return api


@rows(changes("service_settings"))
def test_every_service_setting(service: str, task: str, version: str, name: str) -> None:
    """What the page calls updatable is applied from then on, ignored before, refused on 9.5 if immutable.

    Source: update.md#merge.
    """
    field = catalogue.fields(service, "service_settings", task, version)[name]
    api = make_full(service, task, version)
    before = state(api)
    new = catalogue.another(service, task, name, field)
    body = {"service_settings": {**catalogue.secrets(service, task, version), name: new}}
    answer = api.update(task, "ep", body)
    if field.updatable:
        assert answer.status == 200, answer.raw
        if name in answer.body["service_settings"]:
            wanted = catalogue.shown(service, task, name, new, version)
            assert answer.body["service_settings"][name] == wanted
        assert api.read("ep") == answer.body
        assert api.calls("update") == (1 if known(version, "9.4") else 0)
    elif known(version, "9.5"):
        assert answer.status == 400, answer.raw
        assert name in answer.reason
        assert state(api) == before
    else:
        assert answer.status == 200, answer.raw
        assert state(api) == before


@rows(changes("task_settings"))
def test_every_task_setting(service: str, task: str, version: str, name: str) -> None:
    """update.md#merge: task settings are merged on every line; anthropic's are replaced."""
    field = catalogue.fields(service, "task_settings", task, version)[name]
    api = make_full(service, task, version)
    before = api.read("ep")["task_settings"]
    new = catalogue.another(service, task, name, field)
    repeated = {"max_tokens": before["max_tokens"]} if service == "anthropic" else {}
    answer = api.update(task, "ep", {"task_settings": {**repeated, name: new}})
    assert answer.status == 200, answer.raw
    wanted = {**repeated, name: new} if service == "anthropic" else {**before, name: new}
    assert answer.body["task_settings"] == wanted
    assert api.calls("update") == (1 if known(version, "9.4") else 0)


@rows(catalogue.cases())
def test_every_secret(service: str, task: str, version: str) -> None:
    """update.md#merge: all parts of a secret are replaced; each part alone of a pair is refused."""
    secrets = catalogue.secrets(service, task, version)
    if not secrets:
        assert service in {"elastic", "llama", *catalogue.IN_CLUSTER}
        return
    api = make_full(service, task, version)
    before = state(api)
    new = {name: {"token": "new"} if isinstance(old, dict) else f"new-{name}" for name, old in secrets.items()}
    answer = api.update(task, "ep", {"service_settings": new})
    assert answer.status == 200, answer.raw
    assert api.cluster.endpoints["ep"].secrets == new
    assert state(api) == before
    if len(secrets) > 1:
        for name in secrets:
            assert api.update(task, "ep", {"service_settings": {name: "x"}}).status == 400
        assert api.cluster.endpoints["ep"].secrets == new
