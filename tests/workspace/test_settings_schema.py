"""The JSON Schema of inferctl.yaml and the reader of inferctl.yaml are of one mind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml
from jsonschema import Draft7Validator
from tests.typed_fix import typed

from inferctl.syntax.editor_schema import editor_schema
from inferctl.workspace.environment_settings import Connection, Limits, Permit
from inferctl.workspace.settings import read_settings, read_values
from inferctl.workspace.settings_file import Lock, SettingsFile

if TYPE_CHECKING:
    from pydantic import BaseModel

    from inferctl.diagnostics import Diagnostic

SCHEMA = editor_schema(SettingsFile, "inferctl settings file")
GOOD = """
scope: search-team
manage: ["search-*"]
endpoints: ["endpoints/**/*.yaml"]
allow: [delete, replace]
limits: {max_deletes: 20%, max_changes: 50}
ignore: []
ledger: index
permits:
  - {delete: old-elser, force: true, reason: moved to E5, until: "2026-12-15"}
connection: {url: "https://search.example.com:9200", insecure: false, timeout_s: 30, ca_certs: ca.pem}
"""
# Added to the good file; accepted by both or refused by both.
ACCEPTED = [
    "limits: {}", "limits: {max_deletes: 3}", "limits: {max_deletes: '3'}", "limits: {max_deletes: 100%}",
    "limits: {max_deletes: 005%}", "limits: {max_changes: 0}", "allow: []", "scope: a", "scope: a.b_c-d", "ledger: none", "ledger: {}", "ledger: {keep: {}}", "ledger: {keep: {runs: 1, days: 36500}}", "lock: {ttl_s: 0.5}", "lock: {ttl_s: 3600}",
    "permits: []", "connection: {timeout_s: 0.5}", "connection: {ca_fingerprint: 'AB:CD'}",
    *(f"permits: [{{{verb}: x, reason: y}}]" for verb in ("delete", "replace", "adopt", "forget", "take_over")),
    "cluster_uuid: Zx1-a_b", "target_version: '9.1'", "environments: {prod: {}, staging-eu.1: {allow: [], production: true, overlays: [a]}}",
    "environments: {prod: {variables: {a: 1, b_2: x, c: 0.5, d: true}, cluster_uuid: abc, limits: {max_deletes: 0}, permits: []}}",
    "region_policy: {allowed_geos: [eu]}", "region_policy: {allowed_regions: [{csp: aws, region: eu-west-1}]}",
]  # fmt: skip
REFUSED = [
    "scop: a", "scope: Search", "scope: -a", "scope: ''", "scope: 5", "manage: search-*", "manage: [1]", "endpoints: {}",
    "allow: [destroy]", "allow: delete", "limits: {max_delete: 1}", "limits: {max_deletes: 101%}",
    "limits: {max_deletes: -1}", "limits: {max_deletes: many}", "limits: {max_deletes: 1.5}", "limits: {max_deletes: true}",
    "limits: {max_changes: -1}", "limits: {max_changes: '5'}", "limits: null", "ignore: x", "ledger: file", "ledger: {keep: {runs: 0}}", "ledger: {keep: {days: 1.5}}", "ledger: {keep: 5}", "ledger: {index: {}}", "ledger: []", "lock: {ttl_s: 0.4}", "lock: {ttl_s: 3601}",
    "permits: {}", "permits: [{delete: x}]", "permits: [{reason: x}]", "permits: [{delete: x, adopt: y, reason: z}]",
    "permits: [{delete: x, reason: y, until: tomorrow}]", "permits: [{delete: x, reason: y, until: 2026-13-01}]",
    "permits: [{delete: x, reason: y, force: 1}]", "permits: [{delete: x, reason: y, who: z}]", "connection: []",
    "connection: {api_key: x}", "connection: {url: 'https://me:secret@example.com'}", "connection: {timeout_s: '5'}",
    "connection: {insecure: 1}", "connection: {host: x}",
    "cluster_uuid: a b", "cluster_uuid: 5", "target_version: 9.1", "environments: {}", "environments: [prod]", "environments: {prod: null}",
    "environments: {prod: {scope: a}}", "environments: {prod: {variables: {a: [1]}}}", "environments: {prod: {variables: {a-b: 1}}}",
    "environments: {prod: {variables: {a: null}}}", "environments: {prod: {production: 1}}", "environments: {prod: {limits: {max_deletes: -1}}}",
    "region_policy: {}", "region_policy: null", "region_policy: []", "region_policy: {allowed_geos: []}",
    "region_policy: {allowed_geos: eu}", "region_policy: {allowed_geos: [5]}", "region_policy: {allowed_geos: [' ']}",
    "region_policy: {allowed_regions: [{csp: aws}]}", "region_policy: {allowed_regions: [{csp: a, region: b, geo: c}]}",
    "region_policy: {allowed_geos: [eu], allowed_regions: [{csp: a, region: b}]}",
]  # fmt: skip
# More of what people write; not all of it is beyond a schema.
MISTAKES = [
    "url: https://search.example.com", "max_deletes: 3", "lock: 60", "ledger: indx", "ledger: {kep: {runs: 5}}", "ledger: {keep: {runs: many}}", "allow: [delte]", "limit: {max_changes: 5}",
    "connection: {url: 'https://me:secret@example.com/x?api_key=1'}", "connection: {insecure: null}", "connection: [{url: x}]",
    "connection: {timeout_s: 0}", "connection: {timeout_s: true}", "lock: {ttl_s: '60'}", "manage: [a, null]", "manage: null",
    "permits: [{delet: x, reason: y}]", "permits: [{delete: x, reson: y}]", "permits: [x]", "permits: [null]",
    "permits: [{adopt: x, reason: y, force: true}]", "permits: [{delete: x, reason: y, until: 20261215}]",
    "region_policy: {allowed_geo: [eu]}", "region_policy: eu", "region_policy: {allowed_regions: [aws:eu-west-1]}",
    "region_policy: {allowed_regions: [{csp: ' ', region: b}]}", "region_policy: {allowed_regions: []}",
    "environments: {prod: {target_version: soon}}", "environments: {prod: {variable: {a: 1}}}", "environments: {prod: {url: 'https://a'}}", "environment: {prod: {}}",
    "limits: {max_deletes: 2.5%}", "limits: {max_delets: many}", "api_key: x", "connection: {passwort: x}",
]  # fmt: skip
# An absent key may be written as null; the schema does not propose it. Dates have more forms than the documented one.
STRICTER = ["scope: null", "limits: {max_deletes: null}", "permits: [{delete: x, reason: y, until: '20261215'}]"]


def readings(change: str) -> tuple[bool, bool]:
    """Whether the reader and the schema take the good file with a change."""
    text = changed(change)
    return not errors(text), Draft7Validator(SCHEMA).is_valid(yaml.load(text, Loader))


def errors(text: str) -> list[Diagnostic]:
    """What is wrong with the file, whichever environment of it is meant."""
    _, found = read_settings("inferctl.yaml", text.encode())
    return [one for one in found if one.is_error and one.code != "settings.environment"]


def changed(change: str) -> str:
    key = change.partition(":")[0]
    good = GOOD.replace('url: "https://search.example.com:9200", ', "") if key.startswith("environment") else GOOD
    kept = "\n".join(block for block in blocks(good) if not block.startswith(f"{key}:"))
    return f"{kept}\n{change}\n"


def blocks(text: str) -> list[str]:
    """The top-level entries of a file."""
    found: list[str] = []
    for line in text.strip().splitlines():
        if line.startswith(" "):
            found[-1] += f"\n{line}"
        else:
            found.append(line)
    return found


class Loader(yaml.SafeLoader):
    """Dates stay texts, as in YAML 1.2."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in rows if tag != "tag:yaml.org,2002:timestamp"]
    for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def test_is_a_schema_and_takes_a_full_file() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert readings("scope: search-team") == (True, True)


@pytest.mark.parametrize("change", ACCEPTED)
def test_both_accept(change: str) -> None:
    assert readings(change) == (True, True)


@pytest.mark.parametrize("change", REFUSED)
def test_both_refuse(change: str) -> None:
    assert readings(change) == (False, False)


@pytest.mark.parametrize("change", [*REFUSED, *MISTAKES])
def test_one_mistake_is_one_finding_and_its_fix_mends_it(change: str) -> None:
    for text in (changed(change), change):
        value = yaml.load(text, Loader)
        _, found = read_values(value)
        shown = errors(text)
        assert [(one.code, one.what, one.why, one.fixes) for one in shown] == [
            (one.code, one.what, one.why, one.fixes) for one in found
        ]
        assert len(found) == 1
        assert all((found[0].what, found[0].why, found[0].fix))
        mended = yaml.safe_dump(typed(value, found[0]))
        assert errors(mended) == []


def test_a_key_that_stands_beside_its_section() -> None:
    _, (found,) = read_values({"url": "https://search.example.com"})
    assert found.fix == "connection: {url: https://search.example.com}"


@pytest.mark.parametrize("change", STRICTER)
def test_only_the_schema_refuses(change: str) -> None:
    assert readings(change) == (True, False)


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ((), SettingsFile),
        (("limits",), Limits),
        (("lock",), Lock),
        (("connection",), Connection),
        (("permits", "items"), Permit),
    ],
)
def test_each_key_stands_there_with_its_description(path: tuple[str, ...], model: type[BaseModel]) -> None:
    schema = SCHEMA
    for step in path:
        schema = schema["items"] if step == "items" else schema["properties"][step]
    assert set(schema["properties"]) == set(model.model_fields)
    assert all(inner["description"] for inner in schema["properties"].values())
    assert schema["additionalProperties"] is False
