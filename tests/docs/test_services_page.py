"""docs/reference/services.md lists the public classes."""

from __future__ import annotations

import inspect
from typing import Any

import inferctl.services
from inferctl.model.services import find, service_names

from .generated import check_part
from .pages import DOCS

PAGE = DOCS / "reference" / "services.md"
# In the order in which a reader meets them; the generated package has them by name.
SHARED = (
    "Endpoint",
    "Sentence",
    "Word",
    "Recursive",
    "Whole",
    "Lifecycle",
    "Probe",
    "Expectation",
    "RateLimit",
    "AdaptiveAllocations",
    "SecretRef",
    "Target",
    "Version",
)


def page(name: str) -> Any:
    return find(name)


def test_services() -> None:
    lines = ["| Service | `service_settings` | `task_settings` |", "| --- | --- | --- |"]
    lines += [
        f"| `{name}` | `{page(name).settings_class.__name__}` | `{page(name).task_settings_class.__name__}` |"
        for name in service_names()
    ]
    check_part(PAGE, "services", "\n".join(lines))


def test_shared_classes() -> None:
    lines = ["| Class | Meaning |", "| --- | --- |"]
    for name in SHARED:
        first = (inspect.getdoc(getattr(inferctl.services, name)) or "").split("\n\n")[0]
        lines.append(f"| `{name}` | {' '.join(first.split())} |")
    check_part(PAGE, "shared", "\n".join(lines))


def test_no_other_class_is_shared() -> None:
    """What is left belongs to one service."""
    own = {
        cls.__name__ for name in service_names() for cls in (page(name).settings_class, page(name).task_settings_class)
    }
    for name in set(inferctl.services.__all__) - own - set(SHARED):
        home = getattr(inferctl.services, name).__module__.rpartition(".")[2]
        assert home in {service.replace("-", "_") for service in service_names()}, name
