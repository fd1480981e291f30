"""The command line in this process, against an emulated cluster: what a job prints, and what the ledger keeps."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from tests.emulated import AT_ONCE, Cut, Emulated, Reply
from tests.running import POINTS_ELSEWHERE

from inferctl.cli import connect
from inferctl.cli.app import run
from inferctl.client.sync import InferenceClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import pytest

    from inferctl.api.cluster import Cluster
    from inferctl.cli.options import ConnectionFlags, LockFlags
    from inferctl.workspace.settings import Settings


@dataclass
class Ran:
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass
class Desk:
    """A folder with files, a cluster, an environment. `scope` empty: without a ledger."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    version: str = "9.5"
    scope: str = "team"
    # May answer in the place of the cluster; it sees the body.
    answer: Callable[[str, str, bytes | None], Reply | None] | None = None
    emulated: Emulated = field(init=False)

    def __post_init__(self) -> None:
        self.emulated = Emulated(self.version)
        for name in [name for name in os.environ if name.startswith(POINTS_ELSEWHERE)]:
            self.monkeypatch.delenv(name)
        self.monkeypatch.setattr("inferctl.cli.connect.open_cluster", self._open)
        self.monkeypatch.chdir(self.folder)
        (self.folder / "e").mkdir()
        manage = "" if self.scope else "manage: ['*']\n"
        scope = f"scope: {self.scope}\n" if self.scope else ""
        settings = f"{scope}{manage}endpoints: ['e/*.yaml']\n"
        (self.folder / "inferctl.yaml").write_text(settings, encoding="utf-8")

    @contextmanager
    def _open(self, flags: ConnectionFlags, settings: Settings, lock: LockFlags | None = None) -> Iterator[Cluster]:
        with InferenceClient("http://emulator.invalid", transport=self._transport, retry=AT_ONCE) as client:
            yield connect._cluster(client, flags, settings, lock)

    def _transport(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        found = self.answer(method, target, body) if self.answer is not None else None
        return found if found is not None else self.emulated.answer(method, target, headers, body)

    def write(self, inference_id: str, **endpoint: Any) -> None:
        text = yaml.safe_dump({"inference_id": inference_id, **endpoint}, allow_unicode=True)
        (self.folder / "e" / f"{inference_id}.yaml").write_text(text, encoding="utf-8")

    def set(self, **environment: str | None) -> None:
        for name, value in environment.items():
            if value is None:
                self.monkeypatch.delenv(name, raising=False)
            else:
                self.monkeypatch.setenv(name, value)

    def __call__(self, *arguments: str) -> Ran:
        self.emulated.sent.clear()
        try:
            code = run(list(arguments))
        finally:
            logger = logging.getLogger("inferctl")
            for handler in list(logger.handlers):
                logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
        out, err = self.capsys.readouterr()
        return Ran(int(code), out, err)

    def stored(self, inference_id: str) -> dict[str, Any]:
        """The secrets that the server holds."""
        endpoint = self.emulated.cluster.endpoints[inference_id]
        return dict(endpoint.secrets)

    def ledger(self) -> dict[str, Any]:
        """All documents of the ledger, by id; none where there is no index yet."""
        if "inferctl-ledger" not in self.emulated.call("GET", "/*/_mapping?expand_wildcards=all"):
            return {}
        found = self.emulated.call("GET", "/inferctl-ledger/_search", {"size": 1000})
        return {hit["_id"]: hit["_source"] for hit in found["hits"]["hits"]}

    def fingerprint(self, inference_id: str, path: str = "service_settings.api_key") -> dict[str, Any]:
        entry: dict[str, Any] = self.ledger()[inference_id]["secrets"][path]
        return entry

    def lose_updates(self) -> None:
        """Updates are carried out, and their answers never arrive."""

        def lose(_method: str, target: str, answer: Reply) -> Reply:
            if target.endswith("_update"):
                raise Cut
            return answer

        self.emulated.after = lose
