"""The bodies that will be sent, with references where secrets go.

Source: docs/reference/server/update.md#body, update.md#merge, reconciling.md#plan-table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from inferctl.json_types import object_of
from inferctl.model.services.names import PARTS
from inferctl.planner.mutability import needs_all_secrets

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.json_types import Json, JsonObject, Path
    from inferctl.model.desired_observed import DesiredEndpoint
    from inferctl.model.versions import Version


def update_body(
    desired: DesiredEndpoint, changed: Iterable[Path], version: Version, *, secrets: bool
) -> tuple[dict[str, Json], frozenset[Path]]:
    """Changed keys only, and the paths of the secrets in it.

    Resending the rest is a 400 from 9.5. Until 9.4 any service setting needs the full secret set beside
    it; `secrets` asks for that set in any case (a rotation).
    """
    body: dict[str, Json] = {}
    for part in PARTS:
        settings: JsonObject = getattr(desired, part)
        keys = {str(path[1]) for path in changed if path[0] == part and len(path) > 1}
        # anthropic replaces the object and always needs max_tokens (docs/reference/server/update.md#task-settings).
        if part == "task_settings" and keys and desired.service == "anthropic":
            keys = set(settings)
        if keys:
            body[part] = {key: settings[key] for key in settings if key in keys}
    if any(path[0] == "chunking_settings" for path in changed):
        body["chunking_settings"] = dict(desired.chunking_settings or {})
    changed_settings = object_of(body.get("service_settings"))
    if secrets or (changed_settings and needs_all_secrets(version)):
        owners = {str(path[1]) for path in desired.secrets}
        complete = {key: value for key, value in desired.service_settings.items() if key in owners}
        if complete or changed_settings:
            body["service_settings"] = {**complete, **changed_settings}
    sent = body.get("service_settings")
    present = frozenset(p for p in desired.secrets if isinstance(sent, Mapping) and p[1] in sent)
    return body, present
