"""The yardstick for `validate`: libyaml and one pydantic model with loose settings. No positions, no services."""

import sys
from pathlib import Path
from typing import Any

import pydantic
import yaml


class Endpoint(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    inference_id: str
    task_type: str
    service: str
    service_settings: dict[str, Any]
    task_settings: dict[str, Any] = {}
    chunking_settings: dict[str, Any] | None = None


files = sorted(Path(sys.argv[1]).glob("*.yaml"))
print(len([Endpoint.model_validate(yaml.load(file.read_bytes(), Loader=yaml.CSafeLoader)) for file in files]))
