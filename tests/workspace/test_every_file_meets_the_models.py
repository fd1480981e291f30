"""No file gets by without the models: good ones are read by them as bad ones are."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inferctl.model.endpoint import Endpoint
from inferctl.model.services.settings import ServiceSettings, TaskSettings
from inferctl.operator_bounds.bounds import OperatorBounds
from inferctl.workspace.desired import load_workspace

if TYPE_CHECKING:
    import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "endpoints").glob("*.yaml"))
NO_MODEL_OF_ITS_OWN = "elasticsearch"  # a second endpoint of the same model would be a warning


def test_a_thousand_good_files_are_read_by_the_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [text for file in EXAMPLES if f"service: {NO_MODEL_OF_ITS_OWN}" not in (text := file.read_text("utf-8"))]
    for number in range(1_000):
        text = texts[number % len(texts)].replace("inference_id: ", f"inference_id: n{number}-")
        (tmp_path / f"{number}.yaml").write_text(text, encoding="utf-8")
    read: Counter[type] = Counter()

    def counted(base: type[Any]) -> None:
        validate = base.model_validate.__func__

        def model_validate(cls: type[Any], value: Any, /, **more: Any) -> Any:
            built = validate(cls, value, **more)
            read[base] += isinstance(built, base)
            return built

        monkeypatch.setattr(base, "model_validate", classmethod(model_validate))

    for base in (Endpoint, ServiceSettings, TaskSettings):
        counted(base)
    loaded = load_workspace(
        [str(tmp_path)], config=None, environ={}, bounds=OperatorBounds(), working_directory=tmp_path
    )
    assert loaded.diagnostics == ()
    assert len(loaded.desired.endpoints) == 1_000
    assert read == {Endpoint: 1_000, ServiceSettings: 1_000, TaskSettings: 1_000}
