"""`inferctl.services`: typed classes for programs. What they take and refuse, what they load, what they never show."""

from __future__ import annotations

import subprocess
import sys
import traceback
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from tests.model.strategies import page

import inferctl.services
from inferctl.diagnostics import Span
from inferctl.model.read_endpoint import read_endpoint
from inferctl.model.services import service_names
from inferctl.services import (
    Endpoint,
    Lifecycle,
    OpenAISettings,
    OpenAITaskSettings,
    Probe,
    RateLimit,
    SecretRef,
    Sentence,
    Target,
)

SCRIPT = Path(__file__).parents[2] / "scripts" / "generate-services"
CANARY = "sk-canary-Q7w8"


def test_the_package_is_current() -> None:
    finished = subprocess.run([sys.executable, SCRIPT, "--check"], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, f"run {SCRIPT.name}\n{finished.stderr}"


def test_every_public_class_is_there() -> None:
    assert inferctl.services.__all__ == sorted(inferctl.services.__all__)
    assert set(inferctl.services.__all__) <= set(dir(inferctl.services))
    for name in inferctl.services.__all__:
        assert getattr(inferctl.services, name).__name__ == name
    for name in service_names():
        for cls in (page(name).settings_class, page(name).task_settings_class):
            assert getattr(inferctl.services, cls.__name__) is cls
    with pytest.raises(AttributeError, match="Nope"):
        inferctl.services.Nope  # type: ignore[attr-defined]  # noqa: B018


def test_a_class_loads_its_service_and_no_other() -> None:
    program = (
        "import sys, inferctl.services; assert 'pydantic' not in sys.modules;"
        "inferctl.services.OpenAISettings;"
        "print(*(m for m in sys.modules if m.startswith('inferctl.model.services.')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = {name.rpartition(".")[2] for name in done.stdout.split()}
    assert loaded & {name.replace("-", "_") for name in service_names()} == {"openai"}


@pytest.mark.parametrize("name", service_names())
def test_a_literal_secret_is_refused_and_never_shown(name: str) -> None:
    """Whatever is wrong with a secret: its value is in no message, error value, JSON or traceback."""
    cls = page(name).settings_class
    for field, setting in page(name).service_settings.items():
        if not setting.secret:
            continue
        given: Any
        for given in (CANARY, {"env": f"${CANARY}"}, {"value": CANARY}, [CANARY], {CANARY: CANARY}, f"{CANARY}\n"):
            value = {"key": given} if setting.type == "object" else given
            with pytest.raises(ValidationError) as caught:
                cls(**{field: value})
            error = caught.value
            assert any(found["loc"][0] == field for found in error.errors())
            told = "".join(traceback.format_exception(error))
            assert CANARY not in f"{error}{error!r}{error.json()}{error.errors()!r}{told}"
            assert error.__context__ is None


@pytest.mark.parametrize("cls", [OpenAISettings, Endpoint])
@pytest.mark.parametrize("given", [CANARY, [CANARY]])
def test_no_input_where_a_mapping_is_asked_for(cls: Any, given: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        cls.model_validate(given)
    error = caught.value
    assert [found["type"] for found in error.errors()] == ["model_type"]
    assert CANARY not in f"{error}{error!r}{error.json()}{error.errors()!r}"
    assert error.__context__ is None


@pytest.mark.parametrize("cls", [Endpoint, Probe, Lifecycle, OpenAISettings, Sentence, RateLimit])
def test_what_a_program_gave_is_in_no_error(cls: type[BaseModel]) -> None:
    for given in (
        {"api_key": CANARY, "inputt": CANARY},
        CANARY,
        [CANARY],
        {key: [[CANARY]] for key in cls.model_fields},
    ):
        with pytest.raises(ValidationError) as caught:
            cls.model_validate(given)
        assert CANARY not in f"{caught.value}{caught.value.errors()!r}{caught.value.json()}"


@pytest.mark.parametrize("cls", [Endpoint, Probe, Lifecycle, OpenAISettings, Sentence, RateLimit])
def test_a_text_that_is_no_json_is_in_no_error(cls: type[BaseModel]) -> None:
    with pytest.raises(ValidationError) as caught:
        cls.model_validate_json(f'{{"api_key": "{CANARY}",')
    assert [found["type"] for found in caught.value.errors()] == ["json_invalid"]
    assert CANARY not in f"{caught.value}{caught.value.errors()!r}{caught.value.json()}"


@pytest.mark.parametrize("field", ["service", "task_type", "inference_id"])
def test_a_key_in_the_wrong_field_is_in_no_error(field: str) -> None:
    key = "sk-canary-0123456789abcd/x"
    given = {"inference_id": "e", "task_type": "rerank", "service": "cohere", "service_settings": {}, field: key}
    with pytest.raises(ValidationError) as caught:
        Endpoint.model_validate(given)
    assert "canary" not in f"{caught.value}{caught.value.errors()!r}".lower()


def test_all_that_is_wrong_is_told_at_once() -> None:
    given: dict[str, Any] = {"dimensions": 0, "simlarity": "cosine", "client_id": "c"}
    with pytest.raises(ValidationError) as caught:
        OpenAISettings(**given)
    found = {found["loc"]: found["type"] for found in caught.value.errors()}
    assert found == {
        ("model_id",): "missing",
        ("dimensions",): "greater_than_equal",
        ("simlarity",): "extra_forbidden",
        ("api_key",): "rule.one-of",
        ("client_id",): "field.missing",
    }


def test_settings_are_judged_for_a_server_and_a_task_type() -> None:
    given = {"model_id": "m", "api_key": {"env": "K"}, "dimensions": 3}
    assert OpenAISettings.model_validate(given).dimensions == 3
    with pytest.raises(ValidationError, match="not a setting of completion"):
        OpenAISettings.model_validate(given, context=Target(task_type="completion"))


def test_an_endpoint_of_a_program_is_the_one_of_a_file() -> None:
    endpoint = Endpoint(
        inference_id="search",
        task_type="text_embedding",
        service="openai",
        service_settings=OpenAISettings(model_id="m", api_key=SecretRef("env", "K"), dimensions=8),
        task_settings=OpenAITaskSettings(user="u"),
        chunking_settings=Sentence(strategy="sentence", max_chunk_size=100),
        probe=Probe(input="a"),
    )
    document = endpoint.model_dump(mode="json", exclude_unset=True)
    assert document["service_settings"] == {"model_id": "m", "api_key": {"env": "K"}, "dimensions": 8}
    reading = read_endpoint(document, Span("f.yaml"))
    assert reading.findings == []
    assert Endpoint.model_validate(document) == endpoint


def test_an_endpoint_reports_the_place_in_its_settings() -> None:
    with pytest.raises(ValidationError) as caught:
        Endpoint.model_validate(
            {"inference_id": "A", "task_type": "rerank", "service": "cohere", "service_settings": {"model_id": 1}}
        )
    assert {found["loc"] for found in caught.value.errors()} == {
        ("inference_id",),
        ("service_settings", "model_id"),
        ("service_settings", "api_key"),
    }


@pytest.mark.parametrize("name", inferctl.services.__all__)
def test_values_cannot_be_changed(name: str) -> None:
    cls = getattr(inferctl.services, name)
    if not issubclass(cls, BaseModel):
        return
    value = cls.model_construct()
    for field in cls.model_fields:
        with pytest.raises((AttributeError, ValueError)):
            setattr(value, field, None)


def test_the_schema_of_a_class_says_what_its_fields_are() -> None:
    schema = OpenAISettings.model_json_schema()
    assert schema["required"] == ["model_id"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["model_id"]["description"] == "Model name."
