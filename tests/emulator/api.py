"""A short way to call an emulated cluster in this process, and the bodies that most cases start from."""

from __future__ import annotations

import functools
import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.emulator.adapter import handle
from inferctl.emulator.cluster import Cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

VERSIONS = ("8.17", "8.18", "8.19", "9.0", "9.1", "9.2", "9.3", "9.4", "9.5")
JSON = {"content-type": "application/json"}
KEY = "sk-canary-5c1d"

Body = Mapping[str, Any] | bytes | list[Any] | str | None


def line(version: str) -> tuple[int, int]:
    """`"9.1"` as a pair that compares."""
    major, minor = version.split(".")
    return int(major), int(minor)


def known(version: str, since: str = "", until: str = "") -> bool:
    """Whether what came with `since` ("9.2", "8.18", or "8.19/9.1" for the twin lines) is in a version line."""
    if until and line(version) > line(until):
        return False
    if not since:
        return True
    old, _, new = since.partition("/")
    return line(version) >= line(new if new and line(version)[0] == 9 else old)


def versions(since: str = "", until: str = "") -> list[str]:
    """The lines that know something."""
    return [version for version in VERSIONS if known(version, since, until)]


def in_each(lines: Iterable[str] = VERSIONS) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Makes one test of the same test for each version line: pytest spends more on a test than most of these take.

    The test takes `version`, or `every`: a cluster of that line. All lines are tried; each failure says whose it is.
    """
    chosen = tuple(lines)

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(check)
        own = {"version", "every"} & signature.parameters.keys()

        @functools.wraps(check)
        def test(**given: Any) -> None:
            failures = []
            for version in chosen:
                try:
                    check(**given, **{name: version if name == "version" else Api(version) for name in own})
                except Exception as failure:  # noqa: BLE001  raised again below
                    failure.add_note(f"the version: {version}")
                    failures.append(failure)
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(chosen)} versions", failures)

        asked = [parameter for name, parameter in signature.parameters.items() if name not in own]
        vars(test)["__signature__"] = signature.replace(parameters=asked)
        return test

    return decorate


@dataclass(frozen=True)
class Answer:
    """What came back: `body` is parsed JSON, or None."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def body(self) -> Any:
        """Of a refused stream: what its one event holds."""
        return json.loads(self.raw.removeprefix(b"event: error\ndata: ")) if self.raw else None

    @property
    def error(self) -> Any:
        return self.body["error"]

    @property
    def type(self) -> str:
        return str(self.error["type"])

    @property
    def reason(self) -> str:
        return str(self.error["reason"])

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)

    def brief(self) -> tuple[int, str, str]:
        """Status, type and reason of an error; `("", "")` for a good answer."""
        error = self.body.get("error") if isinstance(self.body, dict) else None
        if isinstance(error, dict):
            return self.status, error["type"], error["reason"]
        return self.status, "", error or ""


class Api:
    """One emulated cluster of a version line. Its clock stands still until it is moved."""

    def __init__(self, version: str = "9.5", **more: Any) -> None:
        self.version = version
        self.cluster = Cluster.of(version, **{"clock": lambda: 1_700_000_000.0, **more})

    def __call__(self, method: str, target: str, body: Body = None, headers: Mapping[str, str] | None = None) -> Answer:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {**(JSON if data else {}), **(headers or {})}
        reply = handle(self.cluster, method, target, sent, data)
        return Answer(reply.status, reply.headers, reply.body)

    def good(self, method: str, target: str, body: Body = None) -> Any:
        """The parsed body of a call that must succeed."""
        answer = self(method, target, body)
        assert answer.status == 200, (method, target, answer.status, answer.raw)
        return answer.body

    def put(self, task: str, inference_id: str, body: Body) -> Any:
        return self.good("PUT", f"/_inference/{task}/{inference_id}", body)

    def update(self, task: str, inference_id: str, body: Body) -> Answer:
        return self("PUT", f"/_inference/{task}/{inference_id}/_update", body)

    def read(self, inference_id: str) -> dict[str, Any]:
        """The endpoint object of a GET."""
        (endpoint,) = self.good("GET", f"/_inference/{inference_id}")["endpoints"]
        return dict(endpoint)

    def gone(self, inference_id: str) -> bool:
        return self("GET", f"/_inference/{inference_id}").status == 404

    def calls(self, kind: str) -> int:
        """How often the provider was asked on a PUT, an UPDATE or an inference."""
        return sum(call.kind == kind for call in self.cluster.provider_calls)

    def skip_validation(self) -> None:
        self.cluster.settings["persistent"]["xpack.inference.skip_validate_and_start"] = True


def openai(task_settings: Any = None, **settings: Any) -> dict[str, Any]:
    """A PUT body of the openai service; a setting of None is left out."""
    merged = {"api_key": KEY, "model_id": "text-embedding-3-small", **settings}
    body: dict[str, Any] = {
        "service": "openai",
        "service_settings": {key: value for key, value in merged.items() if value is not None},
    }
    return body if task_settings is None else {**body, "task_settings": task_settings}


def elser(**settings: Any) -> dict[str, Any]:
    """A PUT body of an in-cluster sparse endpoint with one fixed allocation."""
    merged = {"model_id": ".elser_model_2", "num_threads": 1, "num_allocations": 1, **settings}
    return {
        "service": "elasticsearch",
        "service_settings": {key: value for key, value in merged.items() if value is not None},
    }


def rerank(task_settings: Any = None, **settings: Any) -> dict[str, Any]:
    """A PUT body of the in-cluster reranker."""
    body = elser(model_id=".rerank-v1", **settings)
    return body if task_settings is None else {**body, "task_settings": task_settings}


def semantic(inference_id: str | None, **more: Any) -> dict[str, Any]:
    """Mappings with one semantic_text field."""
    names = {} if inference_id is None else {"inference_id": inference_id}
    return {"properties": {"text": {"type": "semantic_text", **names, **more}}}
