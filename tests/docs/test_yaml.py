"""YAML blocks are what they look like: endpoint files and settings files that inferctl takes, workflows that parse."""

from __future__ import annotations

import pytest
import yaml

from inferctl.workspace.endpoint_file import read_file
from inferctl.workspace.settings import read_settings
from inferctl.workspace.settings_file import SettingsFile

from .pages import DOCS, PAGES, Block, blocks, name_of

BLOCKS = [
    block
    for page in PAGES
    for block in blocks(page)
    if block.language == "yaml" and block.mark not in ("fragment", "service")
]
SETTINGS = set(SettingsFile.model_fields)


def kind(block: Block) -> str:
    """By its top-level keys; a block that is none of these fails."""
    keys = {line.partition(":")[0] for line in block.text.splitlines() if line[:1].isalpha()}
    if "inference_id" in keys:
        # No whole endpoint without its environment: the session of the page reads it.
        in_session = block.mark == "file" and (block.value.startswith("environments/") or "${" in block.text)
        return "of an environment" if in_session else "endpoint"
    if {"on", "jobs"} <= keys:
        return "workflow"
    if "stages" in keys or any(line.startswith("  script:") for line in block.text.splitlines()):
        return "pipeline"
    return "settings" if keys & SETTINGS else "unknown"


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.place)
def test_block(block: Block) -> None:
    match kind(block):
        case "endpoint":
            file = read_file(block.place, block.text.encode())
            errors = [f"{d.span}: {d.code}: {d.what}" for d in file.diagnostics]
            if block.mark == "refused":
                assert errors
            else:
                assert errors == []
                assert file.declared
        case "settings":
            settings, found = read_settings("inferctl.yaml", block.text.encode())
            for environment in settings.environments:
                _, found = read_settings("inferctl.yaml", block.text.encode(), environment=environment)
                assert found == ()
            assert found == ()
        case "of an environment" | "workflow" | "pipeline":
            assert isinstance(yaml.safe_load(block.text), dict)
        case other:
            pytest.fail(f"{block.place}: {other} kind of YAML")


def test_blocks_of_each_kind_are_there() -> None:
    assert {kind(block) for block in BLOCKS} >= {"endpoint", "settings", "workflow"}
    assert any(block.page.is_relative_to(DOCS / "tutorial") for block in BLOCKS), sorted(map(name_of, PAGES))
