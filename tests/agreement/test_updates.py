"""What an update changes in place: a plan's verdict on each leaf is what the emulator does with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.agreement import emulator, pages
from tests.agreement.rows import VERSIONS
from tests.emulator import catalogue
from tests.factories import observed

from inferctl.emulator.profiles import PROFILES
from inferctl.planner.mutability import accepts_timeout, needs_all_secrets, resets_chunking

if TYPE_CHECKING:
    from collections.abc import Iterator

# Where a plan replaces although the emulator would change in place.
STRICTER = {
    ("9.3", "own", "return_documents"): "not established for 9.2 and 9.3: the later version stands",
}
CHUNKS = {"strategy": "word", "max_chunk_size": 120, "overlap": 40}
ADAPTIVE = {"enabled": True, "min_number_of_allocations": 1, "max_number_of_allocations": 4}
WIDER = {**ADAPTIVE, "max_number_of_allocations": 9}


def test_settings_of_external_services() -> None:
    for profile, version in VERSIONS.items():
        on = emulator.cluster(profile)
        for name, service in pages.reading()[profile].items():
            line = "9.5" if profile == "serverless" and name in pages.reading()["9.5"] else profile
            for task in () if service.in_cluster else service.tasks:
                at = f"{name}-{task}".lower()
                body = catalogue.body(name, task, line, full=True)
                assert emulator.refuses(on, task, at, body) == ""
                secrets = catalogue.secrets(name, task, line) if needs_all_secrets(version) else {}
                for path, wanted in changes(name, task, profile, body):
                    part, key = path[0], path[-1]
                    sent = wanted[part] if part == "task_settings" else {**secrets, key: wanted[part][key]}
                    before = emulator.shown(on, at)
                    said = emulator.updated(on, task, at, {part: wanted[part] if part == "chunking_settings" else sent})
                    changed = emulator.shown(on, at).get(part) != before.get(part)
                    in_place = pages.changes_in_place(path, wanted, before, version)
                    seen = key in before.get(part, {}) or part == "task_settings"
                    assert changed == (in_place and seen), (profile, name, task, path, said)


def changes(name: str, task: str, profile: str, body: dict[str, Any]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Each leaf of a body, with the body in which it alone is another."""
    for (part, key), row in pages.reading()[profile][name].tasks[task].fields.items():
        if row.put and not row.secret and key in body.get(part, {}):
            new = catalogue.another(name, task, key, row)
            yield (part, key), {**body, part: {**body[part], key: new}}
    if pages.reading()[profile][name].tasks[task].chunked:
        yield ("chunking_settings", "max_chunk_size"), {**body, "chunking_settings": CHUNKS}


def in_cluster(service: str, task: str) -> Iterator[tuple[str, str, str, Any]]:
    """Endpoint, part, key, and its new value."""
    yield "own", "service_settings", "num_allocations", 3
    yield "own", "service_settings", "num_threads", 4
    yield "own", "service_settings", "adaptive_allocations", ADAPTIVE
    yield "adaptive", "service_settings", "adaptive_allocations", WIDER
    yield "adaptive", "service_settings", "num_allocations", 3
    if service == "elasticsearch":
        yield "own", "service_settings", "model_id", ".elser_model_2_linux-x86_64"
        yield "attached", "service_settings", "num_allocations", 5
    if task == "rerank":
        yield "own", "task_settings", "return_documents", False
    else:
        yield "own", "chunking_settings", "max_chunk_size", CHUNKS


def test_models_in_the_cluster() -> None:
    stricter = set()
    for profile, version in VERSIONS.items():
        for name, service in pages.reading()[profile].items():
            for task in service.tasks if service.in_cluster else ():
                on, bodies = emulator.cluster(profile), made(name, task)
                for at, body in bodies.items():
                    assert emulator.refuses(on, task, at, body) == ""
                for at, part, key, new in in_cluster(name, task):
                    before = emulator.shown(on, at)
                    wanted = with_setting(bodies[at], part, key, new)
                    sent = new if part == "chunking_settings" else {key: new}
                    if (at, key) == ("adaptive", "num_allocations"):
                        sent = {key: new, "adaptive_allocations": {"enabled": False}}  # what a plan sends
                    said = emulator.updated(on, task, at, {part: sent})
                    changed = emulator.shown(on, at).get(part) != before.get(part)
                    if at == "attached" and changed:
                        continue  # 8.18 to 9.1: it is somebody else's deployment, so a plan never does
                    in_place = pages.changes_in_place((part, key), wanted, before, version)
                    if changed and not in_place:
                        stricter.add((profile, at, key))
                    else:
                        assert changed == in_place, (profile, name, task, at, key, said)
    assert stricter == set(STRICTER)


def with_setting(body: dict[str, Any], part: str, key: str, new: Any) -> dict[str, Any]:
    """A number of allocations takes the place of adaptive ones, and the other way round."""
    if part == "chunking_settings":
        return {**body, part: new}
    sizes = ("num_allocations", "adaptive_allocations")
    kept = {name: value for name, value in body.get(part, {}).items() if key not in sizes or name not in sizes}
    return {**body, part: {**kept, key: new}}


def made(name: str, task: str) -> dict[str, Any]:
    size: dict[str, Any] = {"num_threads": 2}
    if name == "elasticsearch":
        size["model_id"] = emulator.MODELS[task]
    settings = {
        "own": {**size, "num_allocations": 1},
        "adaptive": {**size, "adaptive_allocations": ADAPTIVE},
        **({"attached": {"deployment_id": "own"}} if name == "elasticsearch" else {}),
    }
    return {at: {"service": name, "service_settings": given} for at, given in settings.items()}


def test_what_is_true_for_all() -> None:
    """Timeouts, secrets and the chunking settings that an update loses."""
    for name, profile in PROFILES.items():
        version = VERSIONS[name]
        assert accepts_timeout(version) == profile.put_timeout
        assert needs_all_secrets(version) == (not profile.update_keeps_secrets)
        endpoint = observed(task_type="text_embedding", chunking=CHUNKS)
        assert resets_chunking(endpoint, version) == profile.update_loses_chunking
