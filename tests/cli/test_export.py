"""`inferctl export` from a cluster to files and back, as a user runs it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import CANARY

if TYPE_CHECKING:
    from tests.running import Emulator

    from .conftest import Shell

OPENAI = {"service": "openai", "service_settings": {"model_id": "m", "api_key": CANARY}}
RERANK = {
    "service": "elasticsearch",
    "service_settings": {
        "model_id": ".rerank-v1", "num_threads": 1,
        "adaptive_allocations": {"enabled": True, "min_number_of_allocations": 0, "max_number_of_allocations": 2},
    },
}  # fmt: skip
CHAT_FILE = """\
# Set before an apply: CHAT_API_KEY.
inference_id: chat
task_type: completion
service: openai
service_settings:
  model_id: m
  api_key: {env: CHAT_API_KEY}
"""


@pytest.fixture
def cluster(shell: Shell, emulator: Emulator) -> Shell:
    emulator.call("PUT", "/_inference/completion/chat", OPENAI)
    emulator.call("PUT", "/_inference/text_embedding/vectors", OPENAI)
    emulator.call("PUT", "/_inference/rerank/ranker", RERANK)
    emulator.call("DELETE", "/_emulator/requests")
    shell.environment["ELASTICSEARCH_URL"] = emulator.url
    return shell


def ids(text: str) -> list[str]:
    return re.findall(r"^inference_id: (.+)$", text, re.MULTILINE)


def test_to_files_and_back(cluster: Shell, emulator: Emulator) -> None:
    done = cluster("export", "--output", "out")
    assert (done.code, done.out) == (0, ""), done.err
    out = cluster.folder / "out"
    assert sorted(path.name for path in out.iterdir()) == ["chat.yaml", "ranker.yaml", "vectors.yaml"]
    assert (out / "chat.yaml").read_text(encoding="utf-8") == CHAT_FILE
    assert "exported: 3 endpoints to out (3 files written)" in done.err
    assert "2 variables to set before an apply:\n  CHAT_API_KEY     api_key of chat (openai)\n" in done.err
    assert emulator.writes() == []

    assert cluster("validate", "out").code == 0
    planned = cluster("plan", "out", "--manage", "*", "--detailed-exitcode")
    assert planned.code == 0, planned.out
    assert "No changes. 3 endpoints match their files." in planned.out
    for finished in (done, planned):
        assert CANARY not in finished.out + finished.err
    again = cluster("export", "--output", "out", "-q")
    assert (again.code, again.out, again.err) == (0, "", "")


def test_stdout_holds_one_stream_and_the_variables_stay_on_stderr(cluster: Shell) -> None:
    done = cluster("export")
    assert done.code == 0
    assert ids(done.out) == ["chat", "ranker", "vectors"]
    assert done.out.startswith(CHAT_FILE + "---\n")
    assert "CHAT_API_KEY     api_key of chat" in done.err
    assert cluster("export").out == done.out
    back = cluster("plan", "-", "--detailed-exitcode", stdin=done.out)
    assert back.code == 0, back.err


@pytest.mark.parametrize(
    ("flags", "found"),
    [
        (("--target", "c*"), ["chat"]),
        (("--target", "chat", "--target", "r*"), ["chat", "ranker"]),
        (("--exclude", "*c*"), ["ranker"]),
        (("--service", "openai"), ["chat", "vectors"]),
        (("--service", "elser"), ["ranker"]),
        (("--task-type", "rerank"), ["ranker"]),
        (("--service", "openai", "--task-type", "completion"), ["chat"]),
    ],
)  # fmt: skip
def test_selections(cluster: Shell, flags: tuple[str, ...], found: list[str]) -> None:
    done = cluster("export", *flags)
    assert (done.code, ids(done.out)) == (0, found), done.err


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--target", "absent"), "--target absent: the cluster has no such endpoint"),
        (("--target", "x*"), "--target x*: the cluster has no such endpoint"),
        (("--target", "rank"), "Did you mean ranker?"),
        (("--exclude", "x*"), "--exclude x*: the cluster has no such endpoint"),
        (("--service", "cohere"), "--service cohere: no endpoint is of it"),
        (("--service", "openia"), "Did you mean openai?"),
        (("--task-type", "rerang"), "Did you mean rerank?"),
        (("--target", "chat", "--exclude", "c*"), "the flags together leave no endpoint"),
        (("--target", ".elser-2-elasticsearch"), "ids with a leading dot are the server's own"),
    ],
)  # fmt: skip
def test_what_is_asked_for_and_not_there(cluster: Shell, flags: tuple[str, ...], said: str) -> None:
    done = cluster("export", *flags, "--output", "out")
    assert done.code == 64
    assert said in done.err
    assert not (cluster.folder / "out").exists()


def test_files_that_are_there_are_not_overwritten(cluster: Shell) -> None:
    out = cluster.folder / "out"
    out.mkdir()
    (out / "chat.yaml").write_text("mine\n")
    refused = cluster("export", "--output", "out")
    assert refused.code == 1
    assert "nothing was written: chat.yaml in out would be overwritten (--force does it)" in refused.err
    assert [path.name for path in out.iterdir()] == ["chat.yaml"]
    assert (out / "chat.yaml").read_text() == "mine\n"
    assert cluster("export", "--output", "out", "--force").code == 0
    assert (out / "chat.yaml").read_text() == CHAT_FILE


def test_layouts(cluster: Shell) -> None:
    assert cluster("export", "--output", "out", "--layout", "one-file").code == 0
    (file,) = (cluster.folder / "out").iterdir()
    assert (file.name, ids(file.read_text())) == ("endpoints.yaml", ["chat", "ranker", "vectors"])
    wrong = cluster("export", "--layout", "per-endpoint")
    assert wrong.code == 64
    assert "needs a folder" in wrong.err


def test_an_endpoint_that_cannot_be_read_is_named(cluster: Shell, emulator: Emulator) -> None:
    emulator.call("POST", "/_emulator/endpoints/chat", {"broken": True})
    done = cluster("export")
    assert done.code == 1
    assert ids(done.out) == ["ranker", "vectors"]
    assert "error: not exported: all completion endpoints, because one cannot be read" in done.err
    assert "[chat]" in done.err


def test_a_service_unknown_to_us(cluster: Shell, emulator: Emulator) -> None:
    settings: dict[str, Any] = {"zone": {"required": True}, "passcode": {"secret": True, "required": True}}
    emulator.call(
        "POST", "/_emulator/services", {"name": "newer", "task_types": ["rerank"], "service_settings": settings}
    )
    body = {"service": "newer", "service_settings": {"zone": "z", "passcode": CANARY}}
    emulator.call("PUT", "/_inference/rerank/future", body)
    done = cluster("export", "--target", "future")
    assert done.code == 0, done.err
    assert done.out == (
        "# Set before an apply: FUTURE_PASSCODE.\n"
        "# Remove passcode if the endpoint has none: it is optional, and no server shows it.\n"
        "# passthrough: the service newer is unknown to this inferctl, so what the server fills in stands\n"
        "# here too.\n"
        "inference_id: future\n"
        "task_type: rerank\n"
        "service: newer\n"
        "service_settings:\n"
        "  zone: z\n"
        "  passcode: {env: FUTURE_PASSCODE}\n"
        "passthrough: true\n"
    )
    assert CANARY not in done.err
    planned = cluster("plan", "-", "--detailed-exitcode", stdin=done.out)
    assert planned.code == 0, planned.err


def test_what_could_not_be_seen_is_told_beside_the_files(cluster: Shell, emulator: Emulator) -> None:
    emulator.call("POST", "/_emulator/services", {"name": "newer", "task_types": ["rerank"], "service_settings": {}})
    emulator.call("PUT", "/_inference/rerank/future", {"service": "newer", "service_settings": {}})
    fault = {"kind": "status", "path": "/_inference/_services.*", "status": 403, "count": -1}
    emulator.call("POST", "/_emulator/faults", fault)
    done = cluster("export")
    assert "warning: " in done.err
    assert "warning: " not in done.out
    assert ids(done.out) == ["chat", "future", "ranker", "vectors"]


def test_a_credential_in_clear_is_never_printed(cluster: Shell, emulator: Emulator) -> None:
    body = {**OPENAI, "task_settings": {"user": "u", "headers": {"Authorization": f"Bearer {CANARY}"}}}
    emulator.call("PUT", "/_inference/completion/clear", body)
    done = cluster("export", "--target", "clear")
    assert done.code == 1
    assert "error: not exported whole: clear: task_settings.headers.Authorization looks like a credential" in done.err
    assert CANARY not in done.out + done.err
    assert "task_settings: {user: u}\n" in done.out


def test_an_empty_cluster_has_nothing_to_export(shell: Shell, emulator: Emulator) -> None:
    shell.environment["ELASTICSEARCH_URL"] = emulator.url
    done = shell("export", "--output", "out")
    assert (done.code, done.out) == (0, "")
    assert "exported: 0 endpoints" in done.err
    assert not (shell.folder / "out").exists()


def test_no_privilege_is_an_error_and_not_an_empty_cluster(cluster: Shell, emulator: Emulator) -> None:
    emulator.call(
        "POST", "/_emulator/users", {"users": [{"name": "ci", "api_key": "k", "privileges": ["manage_pipeline"]}]}
    )
    cluster.environment["ELASTICSEARCH_API_KEY"] = "k"
    done = cluster("export", "--output", "out")
    assert done.code == 1
    assert not (cluster.folder / "out").exists()


def test_the_region_policy_is_told_as_the_line_that_declares_it(cluster: Shell, emulator: Emulator) -> None:
    assert "region_policy" not in cluster("export").err
    emulator.call("PUT", "/_inference/_region_policy", {"region_policy": {"allowed_geos": ["us", "eu"]}})
    done = cluster("export")
    assert ids(done.out) == ["chat", "ranker", "vectors"]
    (line,) = re.findall(r"^  (region_policy: .+)$", done.err, re.MULTILINE)
    # Only of the cluster as a whole, and where nobody declares one.
    assert "region_policy" not in cluster("export", "--target", "chat").err
    (cluster.folder / "inferctl.yaml").write_text(f"scope: shop\n{line}\n", encoding="utf-8")
    assert "region_policy" not in cluster("export").err
    planned = cluster("plan", "-", "--adopt", "*", "--format", "json", stdin=done.out)
    assert planned.code == 0, planned.err
    (cluster.folder / "inferctl.yaml").write_text(f"scope: shop\nendpoints: [out/*.yaml]\n{line}\n", encoding="utf-8")
    assert cluster("export", "--output", "out").code == 0
    assert "> _region_policy" in cluster("plan").out
    emulator.call("POST", "/_emulator/faults", {"kind": "status", "status": 403, "path": "/_inference/_region_policy"})
    (cluster.folder / "inferctl.yaml").unlink()
    unread = cluster("export")
    assert unread.code == 0
    assert "the region policy could not be read: " in unread.err
