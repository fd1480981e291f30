"""Requests and answers against the published API description of their version.

Two sources: every example through planner and apply on every version, and each good exchange of any test with an
emulator in the same process (tests/spec/recording.py). `INFERCTL_SPEC_RECORD` may name a folder of records that a
run of the whole suite left behind; otherwise the rooms that talk to an emulator are run here. Error answers are
not described, and a request that was refused is not meant to be right.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.factories import with_settings
from tests.spec.exchanges import Exchange, Recorder
from tests.spec.known import ALL, KNOWN
from tests.spec.openapi import Description, Problem

from inferctl.applier.body_secrets import references_of
from inferctl.applier.interrupt import StopSignal
from inferctl.applier.runner import Options, Run
from inferctl.client.sync import InferenceClient
from inferctl.emulator.cluster import Cluster
from inferctl.observe.cluster import plan_cluster
from inferctl.planner.action import Action
from inferctl.planner.plan import DesiredSet, Permissions
from inferctl.secrets.resolve import SecretBounds, resolve_all
from inferctl.workspace.endpoint_file import read_file

if TYPE_CHECKING:
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.planner.plan import Plan

pytestmark = [pytest.mark.spec, pytest.mark.timeout(900)]

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("INFERCTL_SPEC_DIR") or ROOT.parent / "shared" / "spec")
ROOMS = ("emulator", "apply", "observe", "plan", "contract")
EXAMPLES = tuple(
    declared.endpoint
    for file in sorted((ROOT / "examples").glob("*/*.yaml"))
    for declared in read_file(file.name, file.read_bytes()).declared
)
ELAND = ("sentence-transformers__all-minilm-l6-v2", "text_embedding")


def description(version: str) -> Description:
    """The stack flavour for 8.17, the serverless flavour from 8.18 on (docs/reference/server/requests.md#routes)."""
    return Description(
        FOLDER / (f"openapi-{version}.json" if version == "8.17" else f"openapi-{version}-serverless.json")
    )


DESCRIPTIONS = {version: description(version) for version in ALL}


def applied(client: InferenceClient, endpoints: tuple[DesiredEndpoint, ...], **allowed: Any) -> Plan:
    """Planned and carried out, with a dummy for each secret."""
    ours = tuple(endpoint.inference_id for endpoint in EXAMPLES)
    plan = plan_cluster(client.read_only(), DesiredSet(endpoints), Permissions(manage=ours, **allowed))
    needed = frozenset().union(*(references_of(change) for change in plan.runnable))
    secrets = resolve_all(needed, {}, SecretBounds(), dummy=True).secrets
    Run(plan, client, secrets, lambda _event: None, StopSignal(), Options(parallelism=1)).carry_out()
    return plan


def turned(endpoint: DesiredEndpoint) -> DesiredEndpoint:
    """The endpoint with one number or switch of it turned."""
    for part in ("task_settings", "service_settings"):
        for key, value in getattr(endpoint, part).items():
            other = not value if isinstance(value, bool) else value + 1 if isinstance(value, int) else None
            if other is not None and key != "num_threads":
                return with_settings(endpoint, part, **{key: other})
    return endpoint


def life_of_the_examples(version: str) -> list[Exchange]:
    """Created, changed in place, given new secrets, replaced, read, used and removed."""
    recorder = Recorder(Cluster.of(version, sleep=lambda _seconds: None))
    cluster = recorder.cluster
    cluster.load_models([ELAND])
    with InferenceClient("http://emulator.invalid", transport=recorder) as client:
        applied(client, EXAMPLES)
        made = tuple(endpoint for endpoint in EXAMPLES if endpoint.inference_id in cluster.endpoints)
        plans = [
            applied(client, tuple(map(turned, made))),
            applied(client, made, send_secrets=("*",)),
            applied(client, tuple(map(turned, made)), allow_replace=True),
        ]
        assert {step.action for plan in plans for step in plan.steps} >= {Action.UPDATE}
        for endpoint in made:
            use(client, endpoint)
        for task_type in sorted({endpoint.task_type for endpoint in made}):
            client.get(task_type=task_type)
        client.get()
        client.info()
        client.services()
        client.pipelines()
        client.trained_model_stats()
        for endpoint in reversed(made):
            client.delete(task_type=endpoint.task_type, inference_id=endpoint.inference_id, dry_run=True)
            client.delete(inference_id=endpoint.inference_id, force=True)
    return recorder.seen


def use(client: InferenceClient, endpoint: DesiredEndpoint) -> None:
    """Read and, where it does not only stream, asked: with and without the task type in the path."""
    for task_type in (endpoint.task_type, None):
        where: dict[str, Any] = {"task_type": task_type, "inference_id": endpoint.inference_id}
        client.get(**where)
        if endpoint.task_type != "chat_completion":
            client.inference(**where, input=["a"], query="q" if endpoint.task_type == "rerank" else None)


def recorded(folder: Path) -> list[Exchange]:
    """What a run of tests with the plugin left in a folder."""
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for line in filter(None, file.read_text(encoding="utf-8").splitlines()):
            version, method, target, sent, status, told = json.loads(line)
            # The server reads the first value and no more (docs/reference/server/malformed.md#bodies).
            body = json.JSONDecoder().raw_decode(sent.lstrip())[0] if sent else None
            line_of = "9.5" if version == "serverless" else ".".join(version.split(".")[:2])
            found.append(Exchange(line_of, method, target, body, status, json.loads(told) if told else None))
    return found


@pytest.fixture(scope="module")
def examples() -> dict[str, list[Exchange]]:
    return {version: life_of_the_examples(version) for version in ALL}


@pytest.fixture(scope="module")
def of_other_tests(tmp_path_factory: pytest.TempPathFactory) -> list[Exchange]:
    given = os.environ.get("INFERCTL_SPEC_RECORD")
    if given:
        return recorded(Path(given))
    folder = tmp_path_factory.mktemp("records")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "auto", "-p", "tests.spec.recording"]
        + [str(ROOT / "tests" / room) for room in ROOMS],
        cwd=ROOT,
        env={**os.environ, "INFERCTL_SPEC_RECORD": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=800,
    )
    # A failing test is another step's affair; tests that could not run are ours.
    assert done.returncode in (0, 1), done.stdout[-3_000:] + done.stderr[-3_000:]
    return recorded(folder)


def is_described(exchange: Exchange) -> bool:
    """Good, whole, and of an API that the files hold: they are an excerpt."""
    first = {path.split("/")[1] for path in DESCRIPTIONS[exchange.version].document["paths"]}
    path, _, query = exchange.target.partition("?")
    return exchange.status < 300 and path.split("/")[1] in first and "filter_path" not in query


def problems(exchange: Exchange) -> list[Problem]:
    """What the description says against an exchange, by each operation that it may be."""
    described = DESCRIPTIONS[exchange.version]
    is_put = exchange.method == "PUT" and isinstance(exchange.body, dict)
    service = str(exchange.body.get("service", "")) if is_put else ""
    operations = described.operations(exchange.method, exchange.target, service)
    if not operations:
        path = exchange.target.partition("?")[0]
        last = path[path.index("/_services") :] if "/_services" in path else path[path.rindex("/") :]
        return [Problem(f"{exchange.method} ...{last}", "no operation")]
    return [
        problem
        for operation in operations
        for problem in (
            *described.request_problems(operation, exchange.target, exchange.body),
            *described.answer_problems(operation, exchange.status, exchange.answer),
        )
    ]


@pytest.fixture(scope="module")
def differences(
    examples: dict[str, list[Exchange]], of_other_tests: list[Exchange]
) -> dict[tuple[Problem, str], Exchange]:
    """Each difference in each version, with one exchange that shows it."""
    found: dict[tuple[Problem, str], Exchange] = {}
    for exchange in [*(each for seen in examples.values() for each in seen), *of_other_tests]:
        if is_described(exchange):
            for problem in problems(exchange):
                found.setdefault((problem, exchange.version), exchange)
    return found


def test_what_differs_is_known(differences: dict[tuple[Problem, str], Exchange]) -> None:
    unknown: dict[Problem, list[str]] = defaultdict(list)
    for problem, version in differences:
        if not any(known.covers(version, problem) for known in KNOWN):
            unknown[problem].append(version)
    said = [
        f"{problem.where} {problem.what} ({', '.join(versions)}), as in {differences[problem, versions[0]]}"[:600]
        for problem, versions in sorted(unknown.items())
    ]
    assert not said, "\n".join(said)


def test_what_is_known_still_differs(differences: dict[tuple[Problem, str], Exchange]) -> None:
    unused = [known for known in KNOWN if not any(known.covers(version, problem) for problem, version in differences)]
    assert not unused


@pytest.mark.parametrize("version", ALL)
def test_the_examples_reach_every_verb_and_service(examples: dict[str, list[Exchange]], version: str) -> None:
    good = [exchange for exchange in examples[version] if exchange.status < 300]
    puts = [e for e in good if e.method == "PUT" and not e.target.partition("?")[0].endswith("/_update")]
    described = DESCRIPTIONS[version]
    served = {
        operation.service for e in puts for operation in described.operations("PUT", e.target, e.body["service"])
    } - {""}
    offered = {
        operation.service
        for template, item in described.document["paths"].items()
        if "put" in item and template.startswith("/_inference")
        for operation in described.operations("PUT", "/_inference/rerank/x", described._service_of(item["put"]))
    } - {""}
    # In the files of these versions, but not in the servers.
    early = {"8.18": {"voyageai"}, "9.0": {"voyageai"}}.get(version, set())
    assert served == offered - early
    methods = Counter(exchange.method for exchange in good)
    assert min(methods[method] for method in ("GET", "PUT", "POST", "DELETE")) > 30
