"""Which references a file needs, and the variables they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.factories import observed

from inferctl.export.secrets import SecretField, secret_fields, variable_names
from inferctl.model.versions import Version
from inferctl.planner.passthrough import LiveCatalogue, LiveService
from inferctl.secrets.reference import ENV_NAME
from inferctl.secrets.resolve import SecretBounds

if TYPE_CHECKING:
    from inferctl.model.desired_observed import ObservedEndpoint

KEY = ("service_settings", "api_key")
SECRET = "canary-4f5g"


def shown(
    service: str, task_type: str = "completion", task: dict[str, Any] | None = None, **settings: Any
) -> ObservedEndpoint:
    return observed(task_type=task_type, service=service, settings=settings, task=task)


def names_of(endpoint: ObservedEndpoint, version: str = "9.5", live: LiveCatalogue | None = None) -> dict[str, str]:
    found = secret_fields(endpoint, Version.parse(version), live)
    return {".".join(map(str, field.path[1:])): field.note for field in found}


CUSTOM: dict[str, Any] = {
    "url": "https://e.com/${zone}",
    "request": '{"q": ${input}, "k": "${pin}"}',
    "headers": {"X": "Bearer ${token}"},
}


@pytest.mark.parametrize(
    ("observed", "version", "fields"),
    [
        (shown("openai", model_id="m"), "9.1", ["api_key"]),
        (shown("openai", model_id="m"), "9.5", ["api_key"]),
        (shown("openai", model_id="m", client_id="c", scopes=["s"], token_url="u"), "9.5", ["client_secret"]),
        (shown("azureopenai", deployment_id="d", client_id="c", tenant_id="t", scopes=["s"]), "9.4", ["client_secret"]),
        (shown("amazonbedrock", region="r"), "9.5", ["access_key", "secret_key"]),
        (shown("googlevertexai", location="l"), "9.5", ["service_account_json"]),
        (shown("elasticsearch", "rerank", model_id=".rerank-v1"), "9.5", []),
        (shown("elastic", model_id="m"), "9.5", []),
        (shown("custom", task={"parameters": {"zone": 1}}, **CUSTOM), "9.5", ["secret_parameters.pin", "secret_parameters.token"]),
        (shown("custom", url="https://e.com", request="${input} ${query}"), "9.5", []),
        (shown("newer", zone="z"), "9.5", []),
    ],
)  # fmt: skip
def test_fields(observed: ObservedEndpoint, version: str, fields: list[str]) -> None:
    assert sorted(names_of(observed, version)) == fields


def test_what_cannot_be_known_is_said() -> None:
    assert names_of(shown("azureopenai", deployment_id="d")) == {
        "api_key": "It may have entra_id instead of api_key: no server shows which."
    }
    assert "it is optional" in names_of(shown("llama", url="u", model_id="m"))["api_key"]


def test_the_servers_own_list_names_the_secrets_of_an_unknown_service() -> None:
    live = LiveCatalogue({"newer": LiveService("newer", sensitive=frozenset({"passcode"}))})
    assert list(names_of(shown("newer", zone="z"), live=live)) == ["passcode"]


@pytest.mark.parametrize(
    ("observed", "path"),
    [
        (shown("custom", url="u", headers={"Authorization": SECRET}), "headers.Authorization"),
        (shown("openai", model_id="m", api_key=SECRET), "api_key"),
        (shown("newer", password=SECRET), "password"),
        (shown("newer", nodes=[{"client_secret": SECRET}]), "nodes.0.client_secret"),
    ],
)  # fmt: skip
def test_a_credential_that_the_server_shows_becomes_a_reference(observed: ObservedEndpoint, path: str) -> None:
    assert path in names_of(observed)


@pytest.mark.parametrize(
    ("inference_id", "path", "name"),
    [
        ("product-search", KEY, "PRODUCT_SEARCH_API_KEY"),
        ("my.open_ai", KEY, "MY_OPEN_AI_API_KEY"),
        ("a", ("service_settings", "secret_parameters", "x-pin"), "A_X_PIN"),
        ("a", ("service_settings", "headers", "Authorization"), "A_HEADERS_AUTHORIZATION"),
        ("1st", KEY, "ENDPOINT_1ST_API_KEY"),
        ("elasticsearch", KEY, "ENDPOINT_ELASTICSEARCH_API_KEY"),
        ("inferctl-x", KEY, "ENDPOINT_INFERCTL_X_API_KEY"),
    ],
)  # fmt: skip
def test_names(inference_id: str, path: Any, name: str) -> None:
    assert variable_names([(inference_id, path)]) == {(inference_id, path): name}


def test_two_that_would_share_a_name_do_not() -> None:
    names = variable_names([("a-b", KEY), ("a_b", KEY), ("c", KEY)])
    assert names["c", KEY] == "C_API_KEY"
    assert names["a-b", KEY] != names["a_b", KEY]
    assert all(name.startswith("A_B_API_KEY_") for (i, _), name in names.items() if i != "c")
    assert names == variable_names([("c", KEY), ("a_b", KEY), ("a-b", KEY)])


IDS = st.from_regex(r"[a-z0-9]([a-z0-9_\-.]{0,6}[a-z0-9])?", fullmatch=True)


@given(
    st.sets(st.tuples(IDS, st.sampled_from([KEY, ("service_settings", "client_secret"), ("service_settings", "b_c")])))
)
def test_names_are_unique_and_may_be_referred_to(fields: set[Any]) -> None:
    names = variable_names(fields)
    assert len(set(names.values())) == len(fields)
    for name in names.values():
        assert ENV_NAME.fullmatch(name)
        assert name == name.upper()
        assert SecretBounds().permits(name)
        assert not name.startswith("INFERCTL_")


def test_a_place_is_named_once() -> None:
    found = secret_fields(shown("openai", model_id="m", api_key=SECRET), Version(9, 5), None)
    assert found == (SecretField(KEY),)
    assert SECRET not in repr(found)
