"""What GitHub is to an action: an API with the comments of pull requests, files and variables, and the steps' order."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import yaml
from tests.running import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

REPOSITORY = "acme/search"
BOT = {"login": "github-actions[bot]", "type": "Bot"}
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
_EXPRESSION = re.compile(r"\$\{\{ ([\w.-]+) \}\}")


@dataclass
class Api:
    """The comments by pull request, oldest first, and what was asked. `login` None: the token is that of a job."""

    comments: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    login: str | None = None
    read_only: bool = False
    url: str = ""
    tokens: set[str] = field(default_factory=set)
    _last: int = 100

    def add(self, number: int, body: str, user: Mapping[str, str] | None = BOT) -> int:
        self._last += 1
        self.comments.setdefault(number, []).append({"id": self._last, "body": body, "user": user})
        return self._last

    def answer(self, method: str, target: str, body: Any) -> tuple[int, Any]:
        url = urlsplit(target)
        if url.path == "/user":
            return (
                (403, {"message": "Resource not accessible by integration"})
                if self.login is None
                else (200, {"login": self.login})
            )
        if url.path == "/graphql":
            assert body == {"query": "query { viewer { login } }"}
            return 200, {"data": {"viewer": {"login": self.login or BOT["login"]}}}
        if method != "GET" and self.read_only:
            return 403, {"message": "Resource not accessible by integration"}
        found = re.fullmatch(rf"/repos/{REPOSITORY}/issues/(\d+)/comments", url.path)
        if found:
            number = int(found[1])
            if method == "POST":
                user = {"login": self.login, "type": "User"} if self.login else BOT
                return 201, {"id": self.add(number, body["body"], user)}
            query = {name: int(values[0]) for name, values in parse_qs(url.query).items()}
            first = (query["page"] - 1) * query["per_page"]
            return 200, self.comments.get(number, [])[first : first + query["per_page"]]
        found = re.fullmatch(rf"/repos/{REPOSITORY}/issues/comments/(\d+)", url.path)
        assert found, target
        for comments in self.comments.values():
            for comment in comments:
                if comment["id"] == int(found[1]):
                    if method == "DELETE":
                        comments.remove(comment)
                        return 204, None
                    comment["body"] = body["body"]
                    return 200, comment
        return 404, {"message": "Not Found"}


@contextmanager
def serving_api(api: Any) -> Iterator[None]:
    """The API behind a port, its address in `api.url`."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            api.asked.append(f"{self.command} {self.path}")
            api.tokens.add(self.headers.get("Authorization") or self.headers.get("PRIVATE-TOKEN") or "")
            status, answer = api.answer(self.command, self.path, body)
            octets = b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", answer["location"])
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = handle_any  # noqa: N815  the names that the library looks for

        def log_message(self, *_: object) -> None:
            """Nothing to stderr."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        api.url = f"http://127.0.0.1:{server.server_port}"
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@dataclass(frozen=True)
class Ended:
    """One use of the action: how it ended, what it printed, its outputs, the summary of the job."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str

    @property
    def annotations(self) -> list[str]:
        return [line for line in self.log.splitlines() if line.startswith("::")]


@dataclass(frozen=True)
class Runner:
    """Runs the steps of action.yml in a workspace. `bin` stands in for what the first step installs."""

    workspace: Path
    temp: Path
    bin: Path
    api_url: str
    environment: Mapping[str, str]

    def use(self, event_name: str, event: Any, inputs: Mapping[str, str], **environment: str) -> Ended:
        self.temp.mkdir(parents=True, exist_ok=True)
        (self.temp / "event.json").write_text(json.dumps(event), encoding="utf-8")
        summary = self.temp / "summary.md"
        summary.write_text("", encoding="utf-8")
        unknown = inputs.keys() - ACTION["inputs"].keys()
        assert not unknown, unknown
        context = {f"inputs.{name}": inputs.get(name, about["default"]) for name, about in ACTION["inputs"].items()}
        if "token" not in inputs:
            context["inputs.token"] = "job-token"
        context["steps.install.outputs.bin"] = str(self.bin)
        code, log = 0, ""
        for step in ACTION["runs"]["steps"][1:]:
            output = self.temp / f"output-{step['id']}"
            output.write_text("", encoding="utf-8")
            variables = {
                **self.environment, **environment,
                "GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": event_name, "GITHUB_EVENT_PATH": str(self.temp / "event.json"),
                "GITHUB_API_URL": self.api_url, "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_WORKSPACE": str(self.workspace),
                "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary), "RUNNER_TEMP": str(self.temp),
                **{name: evaluated(text, context) for name, text in step["env"].items()},
            }  # fmt: skip
            if code and "always()" not in step.get("if", ""):
                continue
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                cwd=self.workspace, env=variables, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100, check=False,
            )  # fmt: skip
            log += done.stdout
            code = code or done.returncode
            made = outputs_of(output.read_text(encoding="utf-8"))
            context |= {f"steps.{step['id']}.outputs.{name}": value for name, value in made.items()}
        outputs = {name: evaluated(about["value"], context) for name, about in ACTION["outputs"].items()}
        return Ended(code, log, outputs, summary.read_text(encoding="utf-8"))


def evaluated(text: str, context: Mapping[str, str]) -> str:
    """With the values of its expressions; what is not set is empty."""
    return _EXPRESSION.sub(lambda found: context.get(found[1], ""), text)


def outputs_of(text: str) -> dict[str, str]:
    """The file GITHUB_OUTPUT, read as the runner reads it."""
    values, lines = {}, iter(text.splitlines())
    for line in lines:
        name, delimiter = line.split("<<", 1)
        held = []
        while (line := next(lines)) != delimiter:
            held.append(line)
        values[name] = "\n".join(held)
    return values
