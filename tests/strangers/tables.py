"""All rows."""

from __future__ import annotations

from . import (
    chunking,
    deployments,
    endpoints,
    in_cluster_updates,
    inferring,
    licences,
    lists,
    parsers,
    permissions,
    provider,
    refusals,
    region_policies,
    removals,
    rotations,
    semantic_text,
    update_bodies,
    updates,
)

TABLES = (
    chunking.ROWS,
    deployments.ROWS,
    endpoints.ROWS,
    in_cluster_updates.ROWS,
    inferring.ROWS,
    licences.ROWS,
    lists.ROWS,
    parsers.ROWS,
    permissions.ROWS,
    provider.ROWS,
    refusals.ROWS,
    region_policies.ROWS,
    removals.ROWS,
    rotations.ROWS,
    semantic_text.ROWS,
    update_bodies.ROWS,
    updates.ROWS,
)
ROWS = [row for table in TABLES for row in table]
