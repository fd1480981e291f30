"""The JSON Schema of an endpoint file, made from the pages of the catalogue. Pure: the same pages, the same value.

Draft-07: what the YAML extension of VS Code has read in all its versions, and the newest that other editors share.
Services and task types are told apart by `if`/`then`, not by `oneOf`: an editor then completes and complains for
the one branch that the file means, where `oneOf` would mix the proposals of all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.json_schema.document import document
from inferctl.model.versions import NEWEST

if TYPE_CHECKING:
    from inferctl.model.versions import Version
    from inferctl.syntax.schema_conditions import Schema


def endpoint_schema(version: Version | None = None) -> Schema:
    """The schema for one document of an endpoint file on a server of this version (None: the newest known)."""
    return document(version or NEWEST)
