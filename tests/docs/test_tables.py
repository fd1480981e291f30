"""Tables of the reference list what the program knows: no more, no less."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import inferctl
from inferctl.client import setting_sources as connection
from inferctl.emulator import control_routes
from inferctl.emulator.profiles import PROFILES
from inferctl.errors import ApiError, TransportError
from inferctl.ledger.fingerprints import KEY_VARIABLE
from inferctl.model.endpoint import Endpoint, Lifecycle
from inferctl.operator_bounds.hosts import HOSTS_VARIABLE
from inferctl.planner.action import Action, BlockKind, Standing
from inferctl.planner.plan import Guard
from inferctl.planner.secret_state import SecretState
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.shape.run import ChangeView, OutcomeView, PlanView, StepView
from inferctl.secrets import credential_names
from inferctl.secrets.resolve import ALLOW_VARIABLE, ROOT_VARIABLE
from inferctl.workspace.environment_settings import VERBS, Connection, Environment, Limits
from inferctl.workspace.settings_file import SettingsFile

from .pages import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterable

REFERENCE = DOCS / "reference"


def section(page: str, heading: str) -> str:
    """The text below a heading, up to the next one of the same or a higher level."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,6}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {heading}"
    return found[2]


def words(text: str, column: int = 0) -> set[str]:
    """The code words in one column of the tables of a text, without the heads."""
    cells = [row.strip("|").split(" | ") for row in text.splitlines() if row.startswith("| ") and "---" not in row]
    return {word for cell in cells if len(cell) > column for word in re.findall(r"`([^`]+)`", cell[column])}


@pytest.mark.parametrize(
    ("page", "heading", "known"),
    [
        ("reference/report-formats.md", "Kinds of blocks", (kind.value for kind in BlockKind)),
        ("reference/report-formats.md", "Guards", (guard.value for guard in Guard)),
        ("reference/report-formats.md", "Secrets", (state.value for state in SecretState)),
        ("reference/endpoint-file.md", "Fields", Endpoint.model_fields),
        ("reference/endpoint-file.md", "lifecycle", Lifecycle.model_fields),
        ("reference/settings-file.md", "limits", Limits.model_fields),
        ("reference/settings-file.md", "connection", Connection.model_fields),
        ("reference/settings-file.md", "environments", Environment.model_fields),
        (
            "reference/emulator.md",
            "Faults and other control",
            (f"{r.method} {r.template}" for r in control_routes.ROUTES),
        ),
    ],
)
def test_first_column(page: str, heading: str, known: Iterable[str]) -> None:
    listed = {word.replace("/ID", "/{id}") for word in words(section(page, heading))}
    assert listed == set(known)


def test_settings_keys() -> None:
    text = (REFERENCE / "settings-file.md").read_text(encoding="utf-8")
    headings = set(re.findall(r"^## ([a-z_]+)$", text, re.MULTILINE))
    assert headings == set(SettingsFile.model_fields)
    assert all(f"`{verb}`" in text for verb in VERBS)


def test_reports() -> None:
    plan = section("reference/report-formats.md", "plan")
    assert {action.word for action in Action} | {standing.word for standing in Standing} <= words(plan)
    assert {action.symbol for action in Action} <= words(plan, 1)
    assert set(PlanView.__annotations__) - {"format_version", "kind"} <= words(plan)
    assert set(ChangeView.__annotations__) <= set(re.findall(r"`(\w+)`", plan))
    apply = section("reference/report-formats.md", "apply")
    assert set(OutcomeView.__annotations__) - {"format_version", "kind"} <= words(apply)
    assert set(StepView.__annotations__) <= set(re.findall(r"`(\w+)`", apply))
    assert f'`"{FORMAT_VERSION}"`' in section("reference/report-formats.md", "JSON")


def test_emulator_versions() -> None:
    said = section("reference/emulator.md", "Versions").strip().split(";")[0]
    assert set(re.findall(r"\d[\d.]*\d", said)) | {"serverless"} == set(PROFILES)
    assert "`serverless`" in said


def test_variables() -> None:
    text = (DOCS / "how-to" / "connect.md").read_text(encoding="utf-8")
    names = {
        *connection.URL_NAMES,
        *connection.CLOUD_ID_NAMES,
        *credential_names.API_KEY_NAMES,
        *credential_names.BEARER_NAMES,
        *(name for pair in credential_names.BASIC_NAMES for name in pair),
        *connection.CA_CERTS_NAMES,
        *connection.FINGERPRINT_NAMES,
        *connection.INSECURE_NAMES,
    }
    assert {name for name in names if f"`{name}" not in text} == set()
    assert {ALLOW_VARIABLE, ROOT_VARIABLE, HOSTS_VARIABLE, KEY_VARIABLE} <= words(
        section("reference/endpoint-file.md", "Secrets")
    )


def test_errors_of_the_client() -> None:
    listed = words(section("reference/client.md", "Errors"))
    known = {
        name
        for name in inferctl.__all__
        if isinstance(value := getattr(inferctl, name), type) and issubclass(value, ApiError | TransportError)
    }
    assert {name for name in listed if name[0].isupper()} == known - {"ApiError", "TransportError"}
