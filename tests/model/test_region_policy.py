"""What a file declares as a region policy, and what the server tells of it and of the regions of a model."""

from __future__ import annotations

from typing import Any

import pytest

from inferctl.model.desired_observed import EndpointRegion, ObservedEndpoint, ObservedRegionPolicy
from inferctl.model.region_policy import RegionPolicy

IRELAND = EndpointRegion("aws", "eu-west-1", "eu")
EUROPE = EndpointRegion(geo="eu")  # a model may tell nothing but this
UNNAMED = EndpointRegion()


@pytest.mark.parametrize(
    "policy",
    [
        {"allowed_geos": ["us", "EU"]},
        {"allowed_regions": [{"csp": "gcp", "region": "eu-west-1"}, {"csp": "aws", "region": "us-east-1"}]},
    ],
)
def test_the_api_gets_it_as_it_was_written(policy: dict[str, Any]) -> None:
    assert RegionPolicy.model_validate(policy).document() == policy


@pytest.mark.parametrize(
    ("metadata", "regions", "is_denied"),
    [
        (None, (), False),
        ({"heuristics": {}}, (), False),
        ({"regions": "everywhere", "denied_by_region_policy": "true"}, (), False),
        (
            {
                "regions": [
                    {"csp": "aws", "region": "eu-west-1", "geo": "eu", "more": 1},
                    {"geo": "eu"},
                    {"csp": 7},
                    "x",
                ]
            },
            (IRELAND, EUROPE, UNNAMED, UNNAMED),
            False,
        ),
        ({"regions": [], "denied_by_region_policy": True}, (), True),
    ],
)
def test_what_an_endpoint_tells(metadata: Any, regions: tuple[EndpointRegion, ...], is_denied: bool) -> None:
    raw = {"inference_id": ".r", "task_type": "rerank", "service": "elastic", "metadata": metadata}
    observed = ObservedEndpoint.from_json(raw)
    assert (observed.regions, observed.denied_by_region_policy) == (regions, is_denied)


def test_a_stored_policy_keeps_what_is_unknown() -> None:
    policy = {"allowed_geos": ["eu"], "fallback_geo": "us"}
    observed = ObservedRegionPolicy.from_json({"region_policy": policy, "created_at": "t", "updated_by": None})
    assert (observed.policy, observed.created_at, observed.created_by, observed.updated_by) == (policy, "t", "", "")
    with pytest.raises(ValueError, match="region_policy"):
        ObservedRegionPolicy.from_json({"policy": policy})
