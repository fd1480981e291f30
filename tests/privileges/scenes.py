"""One scene for each row of the table: what is there before, what is run, how it ends when nothing is missing."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.factories import holder
from tests.secrets.desk import Desk

from inferctl.client.privileges import CALLS, call_of
from inferctl.emulator.security import User
from inferctl.ledger.records import INDEX, lock_document, lock_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.emulated import Reply

    from inferctl.client.command_privileges import Use
    from inferctl.client.privileges import Privilege

KEY = "am9iOmtleQ=="  # job:key


class Keyed(Desk):
    """A desk whose requests carry the API key of a job."""

    def _transport(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
        return super()._transport(method, target, {**headers, "authorization": f"ApiKey {KEY}"}, body)

    def hold(self, privileges: Iterable[Privilege] | None) -> None:
        """Give the job just these; None switches security off."""
        if privileges is None:
            self.emulated.cluster.users = None
            return
        held = list(privileges)
        patterns = sorted({p.on for p in held} - {""})
        indices = tuple(((on,), frozenset(p.name for p in held if p.on == on)) for on in patterns)
        cluster = frozenset(p.name for p in held if not p.on)
        self.emulated.cluster.users = (User("job", cluster, api_key=KEY, indices=indices),)
        self.emulated.cluster.requests.clear()

    def hold_role(self, role: dict[str, Any]) -> None:
        """The same as a role gives it."""
        users = {"users": [{"name": "job", "api_key": KEY, "role": role}]}
        self.emulated.call("POST", "/_emulator/users", users)
        self.emulated.cluster.requests.clear()

    def state(self) -> Any:
        """What a run could have written: endpoints, the region policy, documents.

        An empty ledger is none; a released lock is gone.
        """
        cluster = self.emulated.cluster
        documents = {(name, i): d.source for name, index in cluster.indices.items() for i, d in index.documents.items()}
        return copy.deepcopy((cluster.endpoints, cluster.region_policy, documents))

    def refused(self) -> list[str]:
        """The requests that were answered with 403."""
        return [f"{r.method} {r.path}" for r in self.emulated.cluster.requests if r.status == 403]

    def calls(self) -> set[str]:
        """What was sent, in the words of the table; a request that it does not know by its path."""
        found = set()
        for request in self.emulated.cluster.requests:
            call = call_of(request.method, request.path, dry_run="dry_run=true" in request.query)
            found.add(next((name for name, known in CALLS.items() if known is call), request.path))
        return found

    def endpoint(self, name: str, top_n: int = 3) -> None:
        """A file for an endpoint with a secret."""
        settings = {"model_id": "rerank-v3.5", "api_key": {"env": "COHERE_API_KEY"}}
        self.write(
            name, task_type="rerank", service="cohere", service_settings=settings, task_settings={"top_n": top_n}
        )

    def remove(self, name: str) -> None:
        (self.folder / "e" / f"{name}.yaml").unlink()

    def apply(self, *flags: str) -> None:
        done = self("apply", "--yes", *flags)
        assert done.code == 0, done.said


@dataclass(frozen=True)
class Scene:
    """`prepare` runs with all rights. `code` is that of a run to which nothing is missing."""

    prepare: Callable[[Keyed], None]
    argv: tuple[str, ...]
    scope: str = "team"
    code: int = 0


def nothing(_: Keyed) -> None:
    pass


def one_file(desk: Keyed) -> None:
    desk.endpoint("a")


def one_file_in_two_environments(desk: Keyed) -> None:
    one_file(desk)
    settings = desk.folder / "inferctl.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "\nenvironments: {a: {}, b: {}}\n", encoding="utf-8")


def one_applied(desk: Keyed) -> None:
    desk.endpoint("a")
    desk.apply()


def one_to_change(desk: Keyed) -> None:
    """Endpoint a has another value, b is not there; nor is c, which runs in the cluster and is tried."""
    one_applied(desk)
    desk.endpoint("a", top_n=5)
    desk.endpoint("b")
    settings = {"model_id": ".elser_model_2", "num_allocations": 1, "num_threads": 1}
    desk.write(
        "c", task_type="sparse_embedding", service="elasticsearch", service_settings=settings, probe={"input": "hello"}
    )


def one_to_remove(desk: Keyed) -> None:
    """Endpoint b has no file any more; a pipeline and an index use what is not ours."""
    settings = desk.folder / "inferctl.yaml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("'*'", "'?'"), encoding="utf-8")
    desk.endpoint("a")
    desk.endpoint("b")
    desk.apply()
    desk.remove("b")
    desk.emulated.call("PUT", "/_ingest/pipeline/p", {"processors": [{"inference": {"model_id": "other"}}]})
    desk.emulated.call("PUT", "/articles", {"settings": {"index.default_pipeline": "p"}})


def one_to_replace(desk: Keyed) -> None:
    """The task type of endpoint a cannot be changed in place on any version."""
    one_applied(desk)
    settings = {"model_id": "embed-v4.0", "api_key": {"env": "COHERE_API_KEY"}}
    desk.write("a", task_type="text_embedding", service="cohere", service_settings=settings)


def one_dead_model(desk: Keyed) -> None:
    """Somebody stopped the model of endpoint a."""
    settings = {"model_id": ".elser_model_2", "num_allocations": 1, "num_threads": 1}
    desk.write("a", task_type="sparse_embedding", service="elasticsearch", service_settings=settings)
    desk.apply()
    desk.emulated.call("POST", "/_ml/trained_models/a/deployment/_stop?force=true")


def one_with_a_region_policy(desk: Keyed) -> None:
    """Endpoint a has another value; where the server knows region policies, so has that of the settings."""
    one_applied(desk)
    if desk.emulated.cluster.profile.knows("9.5"):
        declare_policy(desk, "us")
        desk.apply()
        declare_policy(desk, "eu")
    desk.endpoint("a", top_n=5)


def one_region_policy_to_remove(desk: Keyed) -> None:
    one_with_a_region_policy(desk)
    desk.apply()
    declare_policy(desk, "")
    desk.endpoint("a", top_n=6)


def declare_policy(desk: Keyed, geo: str) -> None:
    """In the settings; no geography: none is declared."""
    settings = desk.folder / "inferctl.yaml"
    lines = settings.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("region_policy:")]
    kept += [f"region_policy: {{allowed_geos: [{geo}]}}"] if geo else []
    settings.write_text("\n".join(kept) + "\n", encoding="utf-8")


def one_to_verify(desk: Keyed) -> None:
    one_to_change(desk)
    desk.apply()


def one_saved(desk: Keyed) -> None:
    one_to_change(desk)
    done = desk("plan", "--out", "plan.json")
    assert done.code == 0, done.said


def one_stranger(desk: Keyed) -> None:
    """Endpoint a is declared and there, and nobody's."""
    settings = {"model_id": "rerank-v3.5", "api_key": "k"}
    body = {"service": "cohere", "service_settings": settings, "task_settings": {"top_n": 3}}
    desk.emulated.call("PUT", "/_inference/rerank/a", body)
    desk.endpoint("a")


def one_stranger_and_a_ledger(desk: Keyed) -> None:
    desk.endpoint("z")
    desk.apply()
    one_stranger(desk)


def one_lock(desk: Keyed) -> None:
    one_applied(desk)
    document = lock_document("team", holder(since="2026-01-01T00:00:00Z"))
    desk.emulated.call("PUT", f"/{INDEX}/_create/{lock_id('team')}", document)


def one_damaged(desk: Keyed) -> None:
    one_applied(desk)
    desk.emulated.call("PUT", f"/{INDEX}/_doc/a", {"kind": "ownership", "format": 1, "scope": "team"})


def one_without_mappings(desk: Keyed) -> None:
    desk.emulated.call("PUT", f"/{INDEX}", {"mappings": {"properties": {"kind": {"type": "keyword"}}}})


def saved_file(desk: Keyed) -> None:
    one_file(desk)
    assert desk("plan", "--out", "plan.json").code == 0


SCENES: dict[tuple[str, str], Scene] = {
    ("validate", "asks no cluster"): Scene(one_file, ("validate",)),
    ("render", "asks no cluster"): Scene(one_file, ("render",)),
    ("diff", "asks no cluster"): Scene(one_file_in_two_environments, ("diff", "--from", "a", "--to", "b")),
    ("show", "asks no cluster"): Scene(saved_file, ("show", "plan.json")),
    ("schema", "asks no cluster"): Scene(nothing, ("schema",)),
    ("explain", "asks no cluster"): Scene(nothing, ("explain", "cohere")),
    ("roles", "asks no cluster"): Scene(nothing, ("roles", "apply")),
    ("emulate", "asks no cluster"): Scene(nothing, ("emulate", "--help")),
    ("plan", "nothing would be removed, no scope"): Scene(one_to_change, ("plan",), scope=""),
    ("plan", "nothing would be removed, with a scope"): Scene(one_to_change, ("plan",)),
    ("plan", "with models in the cluster, with a scope"): Scene(one_dead_model, ("plan",)),
    ("plan", "with removals, with a scope"): Scene(one_to_remove, ("plan", "--allow-delete")),
    ("apply", "creates and updates, no scope"): Scene(one_to_change, ("apply", "--yes"), scope=""),
    ("apply", "the first with a scope: it creates the ledger"): Scene(one_file, ("apply", "--yes")),
    ("apply", "creates and updates, with a scope"): Scene(one_to_change, ("apply", "--yes")),
    ("apply", "with removals, no scope"): Scene(one_to_remove, ("apply", "--yes", "--allow-delete"), scope=""),
    ("apply", "with removals, with a scope"): Scene(one_to_remove, ("apply", "--yes", "--allow-delete")),
    ("apply", "with a replace, with a scope"): Scene(one_to_replace, ("apply", "--yes", "--allow-replace")),
    ("apply", "with a repair, with a scope"): Scene(one_dead_model, ("apply", "--yes")),
    ("apply", "only adopts, with a scope"): Scene(one_stranger_and_a_ledger, ("apply", "--yes")),
    ("apply", "a saved plan, with a scope"): Scene(one_saved, ("apply", "plan.json", "--yes")),
    ("plan", "with a region policy, with a scope"): Scene(one_with_a_region_policy, ("plan",)),
    ("apply", "with a region policy, with a scope"): Scene(one_with_a_region_policy, ("apply", "--yes")),
    ("apply", "that removes the region policy, with a scope"): Scene(
        one_region_policy_to_remove, ("apply", "--yes", "--delete-region-policy")
    ),
    ("verify", "with a scope"): Scene(one_to_verify, ("verify",)),
    ("rotate", "with a scope"): Scene(one_applied, ("rotate", "a", "--yes")),
    ("destroy", "with a scope"): Scene(one_applied, ("destroy", "--yes", "--max-deletes", "100%")),
    ("adopt", "the first: it creates the ledger"): Scene(one_stranger, ("adopt", "a")),
    ("adopt", "with a ledger"): Scene(one_stranger_and_a_ledger, ("adopt", "a")),
    ("forget", ""): Scene(one_applied, ("forget", "a")),
    ("history", ""): Scene(one_applied, ("history",)),
    ("unlock", ""): Scene(one_lock, ("unlock", "--yes")),
    ("ledger check", ""): Scene(one_applied, ("ledger", "check")),
    ("ledger repair", "a record"): Scene(one_damaged, ("ledger", "repair", "a", "--yes")),
    ("ledger repair", "mappings of the index are missing"): Scene(one_without_mappings, ("ledger", "repair")),
    ("export", ""): Scene(one_applied, ("export",)),
    ("refs", ""): Scene(one_applied, ("refs", "a")),
}


def scene_of(use: Use) -> Scene:
    """A row without a scene is a row that nobody tried."""
    return SCENES[use.command, use.case]
