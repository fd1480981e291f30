"""`inferctl verify`: what works now, and what does not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

import inferctl.report

from .conftest import Shell

if TYPE_CHECKING:
    from tests.in_process import Finished
    from tests.running import Emulator

SCHEMA = json.loads((Path(inferctl.report.__file__).parent / "schema" / "verify.json").read_text(encoding="utf-8"))
COHERE = {"service": "cohere", "service_settings": {"model_id": "m", "api_key": {"env": "KEY"}}}
ELSER = {
    "task_type": "sparse_embedding",
    "service": "elasticsearch",
    "service_settings": {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1},
}
FILES: dict[str, Any] = {
    "chat": {"task_type": "completion", **COHERE},  # nobody pays for a call that no file asks for
    "model": ELSER,
    "probed": {"task_type": "completion", **COHERE, "probe": {"input": "hello"}},
    "rerank": {"task_type": "rerank", **COHERE},
}


@pytest.fixture
def shell(tmp_path: Path, emulator: Emulator) -> Shell:
    for name, body in FILES.items():
        (tmp_path / f"{name}.yaml").write_text(json.dumps({"inference_id": name, **body}), encoding="utf-8")
    settings = "scope: shop\nendpoints: [chat.yaml, model.yaml, probed.yaml, rerank.yaml]\n"
    (tmp_path / "inferctl.yaml").write_text(settings, encoding="utf-8")
    made = Shell(tmp_path, {"ELASTICSEARCH_URL": emulator.url, "KEY": "canary-7c1d"})
    assert made("apply", "--yes").code == 0
    emulator.writes()
    return made


def verdicts(done: Finished) -> dict[str, str]:
    view = done.json()
    Draft202012Validator(SCHEMA).validate(view)
    assert view["exit_code"] == done.code
    return {one["id"]: one["verdict"] for one in view["endpoints"]}


def test_all_is_well(shell: Shell, emulator: Emulator) -> None:
    done = shell("verify", "--format", "json")
    assert (done.code, done.err) == (0, "")
    assert verdicts(done) == {"chat": "not tried", "model": "good", "probed": "good", "rerank": "good"}
    assert sorted(emulator.writes()) == ["POST /_inference/completion/probed", "POST /_inference/rerank/rerank"]
    text = shell("verify").out
    assert "Verify: 3 endpoints good, 1 not tried. Exit code 0." in text


def test_what_does_not_work_is_said(shell: Shell, emulator: Emulator) -> None:
    emulator.call("POST", "/_ml/trained_models/model/deployment/_stop?force=true")
    emulator.call("DELETE", "/_inference/rerank")
    emulator.call("POST", "/_emulator/endpoints/chat", {"broken": True})
    emulator.call("POST", "/_emulator/faults", {"kind": "status", "method": "POST", "status": 400, "count": -1})
    emulator.writes()
    done = shell("verify", "--format", "json")
    assert done.code == 6
    assert set(verdicts(done).values()) == {"not good"}
    found = {one["id"]: (one["state"], one["detail"]) for one in done.json()["endpoints"]}
    assert found["model"] == ("missing", "its deployment is missing")
    assert found["rerank"] == ("", "it is not there")
    assert "cannot read" in found["chat"][1]
    assert "the probe failed" in found["probed"][1]
    assert "canary" not in done.out
    assert not [line for line in emulator.writes() if not line.startswith("POST /_inference/")]


def test_a_key_that_a_provider_quotes_is_neither_shown_nor_kept(shell: Shell, emulator: Emulator) -> None:
    """Also where the run itself sends no key."""
    refusal = {"kind": "status", "method": "POST", "path": "/_inference/.*", "status": 400, "count": -1}
    emulator.call("POST", "/_emulator/faults", {**refusal, "reason": "Incorrect API key provided: canary-7c1d"})
    looked = shell("verify")
    assert (looked.code, "Incorrect API key" in looked.out, "canary" in looked.out) == (6, True, False)
    assert shell("rotate", "probed", "--yes").code == 6
    applied = shell("apply", "--yes")
    assert (applied.code, "Incorrect API key" in applied.out, "canary" in applied.out) == (6, True, False)
    kept = json.dumps(emulator.call("GET", "/inferctl-ledger/_search?size=100"))
    # In the ledger a code and a length: whoever quotes a secret may do it in a form that nobody knows.
    assert ("api.invalid-request" in kept, "Incorrect API key" in kept, "canary" in kept) == (True, False, False)


def test_ids_and_globs_choose(shell: Shell) -> None:
    assert set(verdicts(shell("verify", "r*", "model", "--format", "json"))) == {"rerank", "model"}
    done = shell("verify", "rerank", "nobody")
    assert done.code == 64
    assert "nobody: no file declares it" in done.err


def test_the_ledger_stays_as_it_is(shell: Shell, emulator: Emulator) -> None:
    before = emulator.call("GET", "/inferctl-ledger/_search?size=100")["hits"]["hits"]
    assert shell("verify").code == 0
    assert emulator.call("GET", "/inferctl-ledger/_search?size=100")["hits"]["hits"] == before
