"""Plan and apply from Python: the same plan as the command makes, the same promises, nothing printed."""

from __future__ import annotations

import json
import os
import signal
import time
import traceback
from pathlib import Path
from typing import Any

import pytest
from tests.emulated import AT_ONCE, Emulated

from inferctl import (
    Action,
    BlockKind,
    Cluster,
    DesiredEndpoint,
    DesiredSet,
    Endpoint,
    Exit,
    Guard,
    InferenceClient,
    InputError,
    Loaded,
    LockHeld,
    Permissions,
    PlanFileError,
    Result,
    Settings,
    SettingsError,
    Span,
    StalePlan,
    StepFinished,
    StepStarted,
    UsageError,
    apply,
    load,
    plan,
    read_plan,
    render,
    write_plan,
)
from inferctl.cli.app import run
from inferctl.model.endpoint import Lifecycle
from inferctl.services import ElserSettings, OpenAISettings, SecretRef

MAY = Permissions(manage=("*",), allow_replace=True)


def search(model: str = "text-embedding-3-small", **settings: Any) -> Endpoint:
    return Endpoint(
        inference_id="search",
        task_type="text_embedding",
        service="openai",
        service_settings=OpenAISettings(model_id=model, api_key=SecretRef("env", "OPENAI_API_KEY"), **settings),
    )


def sparse() -> Endpoint:
    settings = ElserSettings(num_allocations=1, num_threads=1)
    return Endpoint(inference_id="sparse", task_type="sparse_embedding", service="elser", service_settings=settings)


def on(emulated: Emulated, **more: Any) -> Cluster:
    client = InferenceClient("http://emulator.invalid", transport=emulated.answer, retry=AT_ONCE)
    return Cluster(client, **{"environ": {"OPENAI_API_KEY": "sk-canary-123456"}, "scope": "team", **more})


def ids(emulated: Emulated) -> list[str]:
    listed = json.loads(emulated.answer("GET", "/_inference/_all", {}, None)[2])["endpoints"]
    return sorted(e["inference_id"] for e in listed if not e["inference_id"].startswith("."))


@pytest.mark.parametrize("scope", ["team", None])
def test_what_is_applied_needs_nothing_more(scope: str | None, capfd: pytest.CaptureFixture[str]) -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated, scope=scope)
    endpoints = [search(), sparse()]
    made = plan(cluster, endpoints)
    assert [(change.inference_id, change.action) for change in made.steps] == [
        ("search", Action.CREATE), ("sparse", Action.CREATE)
    ]  # fmt: skip
    assert str(made) == "create search\ncreate sparse"
    assert ids(emulated) == []
    outcome = apply(cluster, endpoints)
    assert outcome.exit_code is Exit.OK
    assert {result.inference_id: result.result for result in outcome.results} == {
        "search": Result.DONE, "sparse": Result.DONE
    }  # fmt: skip
    assert ids(emulated) == ["search", "sparse"]
    assert "OPENAI_API_KEY" in repr(outcome)
    assert "sk-canary" not in f"{made!r}{outcome!r}{cluster!r}{render(outcome, 'json')}"
    assert plan(cluster, endpoints).is_empty
    assert str(plan(cluster, endpoints)) == "no changes"
    assert capfd.readouterr() == ("", "")


def test_a_plan_that_was_made_is_carried_out() -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated)
    made = plan(cluster, [search(), sparse()])
    outcome = apply(cluster, made)
    assert outcome.exit_code is Exit.OK
    assert ids(emulated) == ["search", "sparse"]


def test_a_plan_that_was_overtaken_is_not_carried_out() -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated)
    made = plan(cluster, [search(), sparse()])
    apply(cluster, [search("text-embedding-3-large")])
    refused = apply(cluster, made)
    assert refused.exit_code is Exit.STALE
    assert ids(emulated) == ["search"]
    rest = apply(cluster, made, skip_stale=True)
    assert {result.inference_id: result.result for result in rest.results} == {
        "search": Result.BLOCKED, "sparse": Result.DONE
    }  # fmt: skip


def test_a_plan_permits_nothing_by_itself() -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated)
    apply(cluster, [search(), sparse()])
    may = Permissions(allow_delete=True, max_deletes="100%")
    made = plan(cluster, [sparse()], permissions=may)
    assert [change.action for change in made.runnable] == [Action.DELETE]
    assert apply(cluster, made).results[0].result is Result.HELD
    assert ids(emulated) == ["search", "sparse"]
    assert apply(cluster, made, permissions=may).exit_code is Exit.OK
    assert ids(emulated) == ["sparse"]


@pytest.mark.parametrize("name", ["target", "exclude", "adopt", "take_over", "send_secrets", "force_delete"])
def test_a_selector_that_matches_nothing_is_refused(name: str) -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated)
    selectors: dict[str, Any] = {name: ("serach",)}
    with pytest.raises(UsageError, match=r"serach: .*Did you mean search\?"):
        plan(cluster, [search()], permissions=Permissions(**selectors))
    with pytest.raises(UsageError, match="serach"):
        apply(cluster, [search()], permissions=Permissions(**selectors))
    assert emulated.writes == []
    spent = Permissions(adopt_ids=frozenset({"serach"}), force_ids=frozenset({"serach"}))
    assert len(plan(cluster, [search()], permissions=spent).steps) == 1


def test_a_plan_for_another_cluster_is_refused() -> None:
    made = plan(Cluster.emulator("9.1"), [search()])
    with pytest.raises(StalePlan):
        apply(Cluster.emulator("9.1"), made)
    with pytest.raises(UsageError, match="send-secrets"):
        apply(Cluster.emulator("9.1"), made, permissions=Permissions(send_secrets=("*",)))


def test_a_plan_lives_in_a_file(tmp_path: Path) -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated)
    write_plan(tmp_path / "plan.json", plan(cluster, [search()]))
    assert apply(cluster, read_plan(tmp_path / "plan.json")).exit_code is Exit.OK
    assert ids(emulated) == ["search"]
    with pytest.raises(PlanFileError):
        read_plan(tmp_path / "nothing.json")


def test_what_is_no_plan_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "", "a\0"):
        with pytest.raises(PlanFileError):
            read_plan(tmp_path / name)
    with pytest.raises(PlanFileError, match="not list"):
        write_plan(tmp_path / "plan.json", [search()])  # type: ignore[arg-type]
    for name in ("", "a\0", "none/plan.json"):
        with pytest.raises(PlanFileError):
            write_plan(tmp_path / name, plan(on(Emulated("9.1")), [search()]))


def test_a_plan_file_names_no_line_of_a_settings_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(
        "inference_id: sparse\ntask_type: sparse_embedding\nservice: elser\n"
        "service_settings: {num_allocations: 1, num_threads: 1}\n",
        encoding="utf-8",
    )
    (tmp_path / "inferctl.yaml").write_text(
        "endpoints: [a.yaml]\npermits: [{delete: gone, until: 2999-01-01, reason: it is old}]\n", encoding="utf-8"
    )
    made = plan(on(Emulated("9.1"), scope=None), load(config=tmp_path / "inferctl.yaml"))
    assert "inferctl.yaml:2" in made.permit_warnings[0]
    assert "inferctl.yaml:2" in render(made)
    write_plan(tmp_path / "plan.json", made)
    assert "inferctl.yaml" not in (tmp_path / "plan.json").read_text(encoding="utf-8")


def test_what_is_not_ours_stays_as_it_is() -> None:
    emulated = Emulated("9.1")
    apply(on(emulated, scope="others"), [search()])
    cluster = on(emulated)
    made = plan(cluster, [search("text-embedding-3-large")], permissions=Permissions(allow_replace=True))
    assert [block.kind for block in made.blocked[0].blocks] == [BlockKind.NOT_OURS]
    assert apply(cluster, [search("text-embedding-3-large")]).exit_code is Exit.BLOCKED
    assert plan(on(emulated, scope="others"), [search()]).is_empty


def test_a_table_without_rows_deletes_nothing() -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated)
    apply(cluster, [search()])
    may = Permissions(allow_delete=True, max_deletes="100%")
    made = plan(cluster, [], permissions=may)
    assert [stop.guard for stop in made.stops] == [Guard.EMPTY_SET]
    assert "stopped: " in str(made)
    assert apply(cluster, [], permissions=may).exit_code is Exit.BLOCKED
    assert ids(emulated) == ["search"]


def test_a_set_that_a_program_emptied_deletes_nothing() -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated)
    apply(cluster, [search()])
    emptied = Loaded(DesiredSet((), emptied=True), (), Settings())
    may = Permissions(allow_delete=True, max_deletes="100%")
    assert [stop.guard for stop in plan(cluster, emptied, permissions=may).stops] == [Guard.EMPTY_SET]
    assert apply(cluster, emptied, permissions=may).exit_code is Exit.BLOCKED
    assert ids(emulated) == ["search"]


def test_all_that_is_wrong_is_said_at_once() -> None:
    cluster = on(Emulated("9.1"))
    with pytest.raises(InputError) as raised:
        plan(cluster, [search(), search(), sparse(), sparse()])
    codes = [diagnostic.code for diagnostic in raised.value.diagnostics]
    assert codes.count("endpoint.duplicate-id") == 2
    assert "search" in raised.value.diagnostics[0].what


def test_what_is_only_a_warning_is_heard() -> None:
    heard: list[str] = []
    twice = sparse().model_copy(update={"inference_id": "sparse-too"})
    made = plan(on(Emulated("9.1"), on_message=heard.append), [sparse(), twice])
    assert len(made.steps) == 2
    assert [line.partition(":")[0] for line in heard] == ["warning[endpoint.same-model]"]


DECLARED = DesiredEndpoint(
    "search",
    "text_embedding",
    "openai",
    {"model_id": "m", "api_key": "sk-canary-123456"},
    {},
    None,
    Span("a.yaml"),
    Lifecycle(),
)


@pytest.mark.parametrize(
    ("endpoints", "fix"),
    [
        (search(), "[endpoint]"),
        ("endpoints/", "load(path)"),
        (Path("endpoints"), "load(path)"),
        (None, "NoneType"),
        (3, "int"),
        ({"search": search()}, "dict"),
        (DesiredSet((), emptied=True), "load(...)"),
        ([DECLARED], ".adding("),
        ([search(), DECLARED], ".adding("),
        (["endpoints/"], "Endpoint objects"),
        ([{"inference_id": "a"}], "model_validate"),
    ],
)
def test_what_holds_no_endpoints_is_refused(endpoints: Any, fix: str) -> None:
    emulated = Emulated("9.1")
    for call in (plan, apply):
        with pytest.raises(InputError) as raised:
            call(on(emulated), endpoints)
        assert fix in raised.value.fixes[0].text
        assert "sk-canary" not in f"{raised.value!r}"
    assert ids(emulated) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"parallelism": 0}, "parallelism"),
        ({"parallelism": "4"}, "parallelism"),
        ({"skip_stale": True}, "plan that was made before"),
        ({"permissions": {"allow_delete": True}}, r"Permissions\(...\), not dict"),
        ({"settings": Loaded(DesiredSet(()), (), Settings())}, r"loaded\.settings"),
        ({"settings": "inferctl.yaml"}, "not str"),
        ({"cluster": "https://h.example"}, "not str"),
        ({"cluster": Emulated("9.1").client}, "not InferenceClient"),
    ],
)
def test_arguments_that_cannot_be_meant_are_refused(arguments: dict[str, Any], message: str) -> None:
    emulated = Emulated("9.1")
    with pytest.raises(UsageError, match=message):
        apply(**{"cluster": on(emulated), "endpoints": [search()], **arguments})
    assert ids(emulated) == []


UNCHECKED = OpenAISettings.model_construct(model_id="m", api_key="sk-canary-123456")


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    "endpoint",
    [
        search().model_copy(update={"service_settings": UNCHECKED}),
        search().model_copy(update={"service_settings": {"model_id": "m", "api_key": "sk-canary-123456"}}),
        search().model_copy(update={"inference_id": 3}),
        search().model_copy(update={"service": {"sk-canary-123456"}}),
        search().model_copy(update={"service": object()}),
        Endpoint.model_construct(),
    ],
)
def test_an_endpoint_that_was_never_checked_is_refused_without_its_values(endpoint: Endpoint) -> None:
    with pytest.raises(InputError) as raised:
        plan(on(Emulated("9.1")), [endpoint])
    shown = "".join(traceback.format_exception(raised.value))
    assert "sk-canary" not in f"{shown}{raised.value.diagnostics}"


def test_a_plan_is_not_planned() -> None:
    cluster = on(Emulated("9.1"))
    with pytest.raises(InputError, match="apply"):
        plan(cluster, plan(cluster, [search()]))  # type: ignore[arg-type]


def test_what_a_listener_raises_ends_the_apply_and_frees_the_lock() -> None:
    emulated = Emulated("9.1")

    def listener(event: object) -> None:
        if isinstance(event, StepFinished):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        apply(on(emulated), [search()], on_event=listener)
    assert apply(on(emulated, lock_timeout_s=0), [search()]).exit_code is Exit.OK
    assert plan(on(emulated), [search()]).is_empty


def test_a_secret_that_is_not_set_stops_everything() -> None:
    emulated = Emulated("9.1")
    cluster = on(emulated, environ={})
    with pytest.raises(InputError, match="OPENAI_API_KEY"):
        apply(cluster, [search(), sparse()])
    assert ids(emulated) == []
    heard: list[str] = []
    with_dummies = on(emulated, environ={}, dummy_secrets=True, on_message=heard.append)
    assert apply(with_dummies, [search()]).exit_code is Exit.OK
    assert "OPENAI_API_KEY" in heard[0]


@pytest.mark.parametrize(
    ("environ", "code"),
    [
        ({"OPENAI_API_KEY": "sk-canary-123456", "INFERCTL_SECRETS_ALLOW": "OTHER_*"}, "secret.denied"),
        ({"OPENAI_API_KEY": "sk-canary-123456", "INFERCTL_TRUSTED_HOSTS": "api.openai.com"}, "host.untrusted"),
    ],
)
def test_bounds_in_the_environment_hold_for_programs(environ: dict[str, str], code: str) -> None:
    emulated = Emulated("9.1")
    endpoint = search(url="https://elsewhere.example/v1/embeddings")
    with pytest.raises(InputError) as raised:
        apply(on(emulated, environ=environ), [endpoint])
    assert [diagnostic.code for diagnostic in raised.value.diagnostics] == [code]
    assert ids(emulated) == []
    assert "sk-canary" not in f"{raised.value}{raised.value.diagnostics}"


def test_the_lock_of_the_scope_is_taken() -> None:
    emulated = Emulated("9.1")
    first, second = on(emulated), on(emulated, lock_timeout_s=0)
    errors: list[Exception] = []

    def meanwhile(event: object) -> None:
        if isinstance(event, StepFinished):
            try:
                apply(second, [sparse()])
            except LockHeld as error:
                errors.append(error)

    assert apply(first, [search()], on_event=meanwhile).exit_code is Exit.OK
    assert errors
    assert ids(emulated) == ["search"]
    assert apply(second, [search(), sparse()]).exit_code is Exit.OK  # it was released


def test_the_report_is_that_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-123456")
    (tmp_path / "e.yaml").write_text(
        "inference_id: search\ntask_type: text_embedding\nservice: openai\n"
        "service_settings: {model_id: text-embedding-3-small, api_key: {env: OPENAI_API_KEY}}\n",
        encoding="utf-8",
    )
    assert run(["plan", "e.yaml", "--emulator", "--emulator-version", "9.1", "--format", "json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    for endpoints in (load("e.yaml"), [search()]):
        rendered = json.loads(render(plan(Cluster.emulator("9.1"), endpoints), "json"))
        for document in (printed, rendered):
            document["cluster"]["uuid"] = document["changes"][0]["source"] = document["run"] = "differs"
        assert rendered == printed
    with pytest.raises(ValueError, match="markdown"):
        render(plan(Cluster.emulator("9.1"), [search()]), "pdf")
    assert "| " in render(apply(Cluster.emulator("9.1"), [search()]), "markdown")


def test_a_settings_file_says_what_is_permitted(tmp_path: Path) -> None:
    (tmp_path / "e.yaml").write_text(
        "inference_id: sparse\ntask_type: sparse_embedding\nservice: elser\n"
        "service_settings: {num_allocations: 1, num_threads: 1}\n",
        encoding="utf-8",
    )
    (tmp_path / "inferctl.yaml").write_text(
        "scope: team\nendpoints: ['*.yaml']\nallow: [delete]\nlimits: {max_deletes: 100%}\n", encoding="utf-8"
    )
    emulated = Emulated("9.1")
    apply(on(emulated), [search(), sparse()])
    loaded = load(config=tmp_path / "inferctl.yaml")
    assert [change.action for change in plan(on(emulated), loaded).runnable] == [Action.DELETE]
    with pytest.raises(SettingsError, match="team"):
        plan(on(emulated, scope="others"), loaded)
    made = plan(on(emulated), loaded)
    assert apply(on(emulated), made).results[0].result is Result.HELD
    assert apply(on(emulated), made, settings=loaded.settings).exit_code is Exit.OK
    assert ids(emulated) == ["sparse"]


def test_an_interrupt_ends_the_apply_and_frees_the_lock() -> None:
    """As the second Ctrl-C of the command: nobody listens to signals here, so Python raises in the main thread."""
    emulated = Emulated("9.1")

    def listener(event: object) -> None:
        if isinstance(event, StepStarted):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)  # the answer comes while the main thread is leaving

    with pytest.raises(KeyboardInterrupt, match="search"):
        apply(on(emulated), [search()], on_event=listener)
    assert apply(on(emulated, lock_timeout_s=0), [search(), sparse()]).exit_code is Exit.OK
    assert ids(emulated) == ["search", "sparse"]
