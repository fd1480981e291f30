"""What may stand together: the pages and the emulator take and refuse the same bodies.

From the plainest body of each service and task type, one setting at a time is left out, added or changed, on every
profile; two at a time on the newest line. `DIFFERENCES` says where they differ on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from tests.agreement import emulator, pages
from tests.agreement.rows import PARTS, VERSIONS
from tests.emulator import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator

# Service and what the page complains of first -> why the emulator takes it.
DIFFERENCES = {
    ("amazon_sagemaker", "rule.combination service_settings.api"): "which dialect covers what is from memory",
    ("amazon_sagemaker", "rule.combination task_settings.user"): "the same",
    ("anthropic", "rule.exclusive task_settings.top_k"): "stored by the server, but unreadable afterwards",
    **{
        (service, f"field.missing service_settings.{name}"): (
            "OAuth settings beside another secret: the server is not known to refuse them"
        )
        for service, names in (
            ("openai", ("client_id", "scopes", "token_url")),
            ("azureopenai", ("client_id", "scopes", "tenant_id")),
        )
        for name in names
    },
    ("elasticsearch", "rule.combination service_settings.similarity"): (
        "beside deployment_id the server looks at nothing else: what is lost is no good file"
    ),
    ("elasticsearch", "rule.combination service_settings.element_type"): "the same",
    ("elasticsearch", "rule.combination service_settings.long_document_strategy"): "the same",
    ("elasticsearch", "rule.combination service_settings.max_chunks_per_doc"): "the same",
    ("googlevertexai", "rule.combination task_settings.max_tokens"): "1024 or not: for provider anthropic only",
}


@dataclass(frozen=True)
class Step:
    """One setting otherwise; ... is left out."""

    part: str
    name: str
    value: Any


def test_they_take_and_refuse_the_same() -> None:
    seen = set()
    for profile, version in VERSIONS.items():
        on = emulator.cluster(profile)
        for number, (name, task, body) in enumerate(bodies(profile, on)):
            refused = sorted(pages.refuses(name, task, body, version), key=lambda text: "client_secret" not in text)
            answer = emulator.refuses(on, task, f"e{number}", body)
            if bool(refused) == bool(answer):
                continue
            key = (name, refused[0] if refused else answer)
            assert key in DIFFERENCES, (profile, task, body, refused, answer)
            seen.add(key)
    assert seen == set(DIFFERENCES)


def bodies(profile: str, on: Any) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for name, service in pages.reading()[profile].items():
        for task in service.tasks:
            base = {"task_settings": {}, **catalogue.body(name, task, profile)}
            if service.in_cluster:
                emulator.put(on, f"{task}/a-deployment_id-{task}", base)
            every = [*steps(name, task, profile, base)]
            yield name, task, base
            yield name, task, {"task_settings": {}, **catalogue.body(name, task, profile, full=True)}
            for step in every:
                yield name, task, taken(base, step)
            for one, other in combinations(every, 2) if profile == "9.5" else ():
                if one.name != other.name:
                    yield name, task, taken(base, one, other)


def steps(name: str, task: str, profile: str, base: dict[str, Any]) -> Iterator[Step]:
    for (part, field), row in pages.reading()[profile][name].tasks[task].fields.items():
        if not row.put:
            continue
        if field in base[part]:
            yield Step(part, field, ...)
        for value in row.words or (catalogue.value(name, task, field, row),):
            if base[part].get(field) != value:
                yield Step(part, field, value)


def taken(base: dict[str, Any], *steps: Step) -> dict[str, Any]:
    made = {**base, **{part: dict(base[part]) for part in PARTS}}
    for step in steps:
        if step.value is ...:
            made[step.part].pop(step.name, None)
        else:
            made[step.part][step.name] = step.value
    return made
