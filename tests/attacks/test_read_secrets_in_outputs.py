"""Whoever answers requests, or writes into the ledger, wants a secret to stand in what a job prints, reports or keeps.

The server of these tests knows every secret and says it in each way of the table: in the errors of each request of each
command, and in ids, settings, names and records of successes. Which forms of a secret can be told is the business of
`test_secrets_that_come_back.py`; here it is asked that each output goes through that. A run takes some rows of the
table, all runs together take more than 30 kinds in 45 ways.
"""

from __future__ import annotations

import itertools
import json
import random
import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import yaml
from tests.emulated import Emulated, Reply, error, reply
from tests.in_process import run_here

from inferctl import Cluster, InferctlError, apply, load, plan
from inferctl.client.sync import InferenceClient
from inferctl.client.transport import InProcessTransport
from inferctl.secrets.hide import hide

from .echoes import ECHOES, PIECE
from .secret_kinds import CLUSTER_SECRETS, PROVIDER_SECRETS, PUBLIC_PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Row = tuple[str, str]  # a kind of secret, a way to say it
# Every text of a server is cut somewhere: one secret of 4 KB would push the others out. Shorter ones than 8 characters
# are looked for in errors alone (docs/explanation/secrets.md).
KINDS = {kind: text for kind, text in PROVIDER_SECRETS.items() if 8 <= len(text) < 3_000}
ROWS: list[Row] = [(kind, echo) for echo in ECHOES for kind in KINDS]
REPORTS = tuple(f"--report={name}=report.{name}" for name in ("text", "json", "markdown"))
COMMANDS: dict[str, tuple[str, ...]] = {
    "plan": ("plan", "--out", "saved.plan", "-vv", *REPORTS),
    "apply": ("apply", "--yes", "-vv", *REPORTS),
    "rotate": ("rotate", "*", "--yes", "--check", "-vv", *REPORTS),
    "verify": ("verify", "-vv"),
    "refs": ("refs", "one", "all", "-vv"),
    "export": ("export", "-vv"),
    "adopt": ("adopt", "one", "--accept-secrets", "-vv"),
    "history": ("history", "-vv"),
    "ledger check": ("ledger", "check", "-vv"),
    "ledger repair": ("ledger", "repair", "one", "--yes", "-vv"),
    "ledger mappings": ("ledger", "repair", "-vv"),
    "unlock": ("unlock", "--yes", "-vv"),
    "forget": ("forget", "one", "-vv"),
    "destroy": ("destroy", "--yes", "-vv", *REPORTS),
}
ALL = {
    "inference_id": "all", "task_type": "completion", "service": "custom",
    "service_settings": {
        "url": "https://provider.invalid/v1", "request": "{}", "headers": {"x": "${key_0}"},
        "response": {"json_parser": {"completion_result": "$.a"}},
        "secret_parameters": {f"key_{n}": {"env": f"KEY_{n}"} for n in range(len(KINDS))},
    },
}  # fmt: skip
ONE = {
    "inference_id": "one", "task_type": "rerank", "service": "cohere",
    "service_settings": {"model_id": "m", "api_key": {"env": "KEY_0"}},
}  # fmt: skip
SETTINGS = {"scope": "team", "endpoints": ["e/*.yaml"], "allow": ["delete"], "limits": {"max_deletes": "100%"}}
# Names that sound like a credential: history and the like read no files.
ENVIRONMENT = {f"KEY_{number}": text for number, text in enumerate(KINDS.values())}
ENVIRONMENT |= {"ELASTICSEARCH_URL": "http://cluster.invalid", "INFERCTL_DEBUG": "1"}


def secret_of(kind: str) -> str:
    return KINDS[kind] if kind in KINDS else CLUSTER_SECRETS[kind][1]


def said(rows: Iterable[Row]) -> list[str]:
    return [ECHOES[echo].of(secret_of(kind)) for kind, echo in rows]


@dataclass
class Job:
    """A folder with files, and an emulated cluster whose answers may be somebody else's. `outputs`: all of it."""

    folder: Path
    environment: dict[str, str] = field(default_factory=lambda: dict(ENVIRONMENT))
    emulated: Emulated = field(default_factory=Emulated)
    outputs: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "e").mkdir()
        for endpoint in (ALL, ONE):
            text = yaml.safe_dump(endpoint)
            (self.folder / "e" / f"{endpoint['inference_id']}.yaml").write_text(text, encoding="utf-8")
        (self.folder / "inferctl.yaml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")

    def __call__(self, *words: str) -> int:
        def transport(_client: InferenceClient, settings: Any, _transport: object) -> InProcessTransport:
            return InProcessTransport(self.emulated.answer, settings.authorization)

        self.emulated.sent.clear()
        with patch.object(InferenceClient, "_transport_for", transport):
            ran = run_here(self.folder, self.environment, *words)
        self.outputs += [ran.out, ran.err]
        for file in (*self.folder.glob("report.*"), *self.folder.glob("saved.plan"), *self.folder.glob("out/*")):
            self.outputs += [file.name, file.read_text(encoding="utf-8")]
            file.unlink()
        return ran.code

    def documents(self) -> str:
        """The ledger, as whoever may read it does."""
        if "inferctl-ledger" not in self.emulated.call("GET", "/*/_mapping?expand_wildcards=all"):
            return ""
        found = self.emulated.call("GET", "/inferctl-ledger/_search", {"size": 1000})["hits"]["hits"]
        return json.dumps([hit["_source"] for hit in found], ensure_ascii=False)

    def free(self) -> None:
        """Of the lock that a run left, which could not reach it any more."""
        index = self.emulated.cluster.indices.get("inferctl-ledger")
        if index is not None:
            index.documents.pop("lock:team", None)

    def public(self) -> str:
        """What the commands say to a server that says nothing of secrets, and the words around the secrets."""
        outputs, self.outputs = self.outputs, []
        for words in (*COMMANDS.values(), ("plan", "no-such-file", *REPORTS)):
            self(*words)
        text, self.outputs = "\n".join(self.outputs), outputs
        return text + self.documents() + PUBLIC


# Around the secrets, and in those that are public in part.
PUBLIC = " ".join(
    (*(echo.before + echo.after for echo in ECHOES.values()),
     *(json.dumps(json.dumps(echo.before)) for echo in ECHOES.values()), "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----",
     '"type": "service_account", "project_id": "p-1842" "private_key_id": "private_key": "client_email": "token_uri":',
     "e@p-1842.iam.gserviceaccount.com", "https://oauth2.googleapis.com/token", "https://")
)  # fmt: skip


def hits(rows: Iterable[Row], shown: str, public: str) -> list[tuple[str, str, str]]:
    """Kind, way, and a part that can be read and that nobody else has said: as long as 8 characters of the secret."""
    found = []
    for kind, echo in rows:
        secret, form = secret_of(kind), ECHOES[echo].form(secret_of(kind))
        ours = " ".join((public, PUBLIC_PARTS.get(kind, ""), ECHOES[echo].form(f"{PUBLIC_PARTS.get(kind, '')}A")))
        length = max(PIECE, PIECE * len(form) // len(secret))
        parts = (p[at : at + length] for p in form.split(" | ") for at in range(max(1, len(p) - length + 1)))
        found += [
            (kind, echo, part) for part in itertools.islice((p for p in parts if p in shown and p not in ours), 1)
        ]
    return found


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(tmp_path)


def test_in_errors_of_each_request_of_each_command(job: Job) -> None:
    """The first, the second, the third … request of a command is refused, and the reason says secrets."""
    public = job.public()
    rest = iter(random.Random(7).sample(ROWS, len(ROWS)))
    found, said_rows = [], 0
    for name, words in COMMANDS.items():
        if name == "rotate":
            continue  # it sends what apply sends
        job("apply", "--yes")
        for number in itertools.count():
            rows = list(itertools.islice(rest, 18))  # more would be cut off
            said_rows += len(rows)
            job.outputs.clear()
            is_over = not refused(job, number, said(rows), words)
            found += hits(rows, "\n".join(job.outputs) + job.documents(), public)
            if is_over:
                break
    assert said_rows >= 30 * 45
    assert found == []


@pytest.mark.parametrize("call", [plan, apply])
def test_in_what_the_python_api_raises(call: Callable[..., object], job: Job) -> None:
    """Words, fields, causes, and the variables of the frames that a traceback may show."""
    public = job.public()
    loaded = load(job.folder / "e")
    found, raised = [], 0
    for number in range(3):
        rows = ROWS[number * 40 : number * 40 + 10]
        job.emulated.override = refusing(number, said(rows))
        cluster = Cluster(
            InferenceClient("http://c.invalid", transport=job.emulated.answer), scope="team", environ=ENVIRONMENT
        )
        try:
            call(cluster, loaded)
        except InferctlError as problem:
            raised += 1
            found += hits(rows, everything_in(problem), public)
        job.emulated.calm()
        job.free()
    assert raised
    assert found == []


def everything_in(problem: BaseException | None) -> str:
    """As one who prints tracebacks with local variables sees it; the frames of this file hold the secrets themselves."""
    if problem is None:
        return ""
    told = traceback.TracebackException(type(problem), problem, problem.__traceback__, capture_locals=True)
    told.stack = traceback.StackSummary.from_list([frame for frame in told.stack if frame.filename != __file__])
    words = f"{problem} {problem!r} {problem.args} {vars(problem)} {''.join(told.format(chain=False))}"
    return words + everything_in(problem.__cause__) + everything_in(problem.__context__)


def refused(job: Job, number: int, texts: list[str], words: tuple[str, ...]) -> bool:
    """Runs a command of which one request is refused. Whether it sent so many."""
    job.emulated.override = refusing(number, texts)
    job(*words)
    job.emulated.calm()
    job.free()
    return len(job.emulated.sent) > number


def refusing(number: int, texts: list[str]) -> Callable[[str, str], Reply | None]:
    """A server that refuses one request, and gives these texts as the reason."""
    half = len(texts) // 2
    counted = itertools.count()

    def answer(_method: str, _target: str) -> Reply | None:
        if next(counted) != number:
            return None
        cause = {"type": "x", "reason": " ".join(texts[half:])}
        return error((400, 403, 500)[number % 3], reason=" ".join(texts[:half]), caused_by=cause)

    return answer


def test_in_what_successes_show(job: Job) -> None:
    """Settings, ids, names and records of the ledger hold secrets; every command shows what it shows of such a cluster."""
    public = job.public()
    kinds, echoes = itertools.cycle(KINDS), itertools.cycle(ECHOES)
    found = []
    for name, words in SHOWING.items():
        rows = [(next(kinds), next(echoes)) for _ in range(6)]
        job("apply", "--yes")
        job.outputs.clear()
        job.emulated.after = chatty(said(rows))
        job(*words)
        job.emulated.calm()
        job.free()
        printed = "\n".join(job.outputs)
        assert "a defect in inferctl" not in printed
        found += [(name, *hit) for hit in hits(rows, printed + job.documents(), public)]
    assert found == []


SHOWING = COMMANDS | {
    "plan, JSON": ("plan", "--format", "json"),
    "verify, JSON": ("verify", "--format", "json"),
    "refs, JSON": ("refs", "one", "all", "--format", "json"),
    "export into a folder": ("export", "--output", "out"),
    "history, JSON": ("history", "--format", "json"),
    "ledger check, JSON": ("ledger", "check", "--format", "json"),
}


WITHOUT_FILES = ("export", "history", "ledger check", "destroy")


def test_in_what_successes_show_where_the_key_is_in_a_file(tmp_path: Path) -> None:
    """Commands that read no endpoint files know the keys of the operator's folder too."""
    secret = KINDS["OpenAI project key"]
    folder, root = tmp_path / "job", tmp_path / "secrets"
    folder.mkdir()
    (root / "openai").mkdir(parents=True)
    (root / "openai" / "key").write_text(f"{secret}\n", encoding="utf-8")
    job = Job(folder, {"ELASTICSEARCH_URL": "http://cluster.invalid", "INFERCTL_SECRETS_ROOT": str(root)})
    endpoint = {**ONE, "service_settings": {"model_id": "m", "api_key": {"file": "openai/key"}}}
    (folder / "e" / "one.yaml").write_text(yaml.safe_dump(endpoint), encoding="utf-8")
    (folder / "e" / "all.yaml").unlink()
    for name in WITHOUT_FILES:
        assert job("apply", "--yes") == 0
        job.outputs.clear()
        job.emulated.after = chatty([f"key {secret} seen"])
        job(*COMMANDS[name])
        job.emulated.calm()
        job.free()
        printed = "\n".join(job.outputs)
        assert "(secret) seen" in printed, name
        assert secret not in printed + job.documents(), name


def chatty(texts: list[str]) -> Callable[[str, str, Reply], Reply]:
    """A server that says each of these texts wherever there is room for a text of its own."""

    def after(_method: str, target: str, answer: Reply) -> Reply:
        status, _, body = answer
        value = json.loads(body) if body else None
        if status != 200 or not isinstance(value, dict):
            return answer
        if target == "/":
            value["cluster_name"] = " ".join(texts)
        elif "dry_run" in target:
            value["pipelines"] = texts
            value["indexes"] = texts
        elif "/_inference/_all" in target:
            for endpoint in value["endpoints"]:
                settings = endpoint["service_settings"]
                settings["model_id"] = settings["url"] = " ".join(texts)
                settings["seen"] = {f"{number} {text}": text for number, text in enumerate(texts)}
            first = value["endpoints"][-1]
            value["endpoints"] += [{**first, "inference_id": text} for text in texts]
        elif "_search" in target:
            for hit in value["hits"]["hits"]:
                talking(hit["_source"], texts)
            value["hits"]["hits"] += [damaged(number, text) for number, text in enumerate(texts)]
            value["hits"]["total"]["value"] += len(texts)
        elif "/_doc/" in target and "_source" in value:
            talking(value["_source"], texts)
        elif "_field_caps" in target:
            value["indices"] = texts
        elif "/_inference/" in target:
            value = {"completion": texts}
        return reply(200, value)

    return after


def listing(number: int) -> Callable[[str, str, Reply], Reply]:
    """A cluster with so many endpoints more."""

    def after(_method: str, target: str, answer: Reply) -> Reply:
        if not target.startswith("/_inference/_all"):
            return answer
        endpoints = json.loads(answer[2])["endpoints"]
        return reply(
            200, {"endpoints": endpoints + [{**endpoints[-1], "inference_id": f"e{n}"} for n in range(number)]}
        )

    return after


def talking(record: dict[str, Any], texts: list[str]) -> None:
    """Texts in a record of the ledger that nothing depends on."""
    together = " ".join(texts)
    for name in ("who", "run_url", "commit"):
        if name in record:
            record[name] = together
    for step in record.get("results", {}).values():
        step["detail"] = together
        step["fields"] = [{"path": text, "before": text, "after": {text: text}} for text in texts]
    if record.get("kind") == "ownership":
        record["unwell"] = {"state": "not ready", "what": together, "leaves": texts, "service": together}


def damaged(number: int, text: str) -> dict[str, Any]:
    source = {"kind": ("ownership", "run", "lock", text)[number % 4], "format": 1, "scope": "team", "run": 7, "x": text}
    return {"_id": text, "_seq_no": number, "_primary_term": 1, "_source": source, "sort": [number]}


def test_an_export_of_many_endpoints_looks_through_all_at_once(job: Job) -> None:
    """To look for secrets in each alone took half a minute for 5,000."""
    looked: list[int] = []
    job("apply", "--yes")
    for number in (1, 100):
        job.emulated.after = listing(number)
        with patch("inferctl.client.known_secrets.hide", wraps=hide) as looks:
            job("export", "--output", "out")
        looked.append(looks.call_count)
    assert looked[1] <= looked[0] + 5
