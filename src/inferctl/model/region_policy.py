"""The region policy of the Elastic Inference Service, as the settings file declares it. One for each cluster.

Source: docs/reference/server/region-policy.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, ValidationInfo

from inferctl.model.desired_observed import ALLOWED_GEOS, ALLOWED_REGIONS
from inferctl.syntax.document import CrossChecked, Document, Listed, fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic_core import PydanticCustomError

    from inferctl.json_types import Json

_WAYS = (ALLOWED_GEOS, ALLOWED_REGIONS)


def _named(text: str) -> str:
    if not text.strip():
        raise fault("settings.value", "a name is empty", "the service compares these names as they are written")
    return text


_Name = Annotated[str, AfterValidator(_named), Field(json_schema_extra={"pattern": r"\S"})]


class CspRegion(Document):
    """One region of a cloud provider."""

    csp: Annotated[_Name, Field(description="The cloud provider: aws, gcp, azure.", examples=["aws"])]
    region: Annotated[_Name, Field(description="Its region.", examples=["eu-west-1"])]


def _not_empty(listed: tuple[Any, ...]) -> tuple[Any, ...]:
    if not listed:
        why = "the server refuses an empty list; a policy that is not wanted is deleted, not emptied"
        raise fault("settings.value", "the list is empty", why)
    return listed


# After the items: pydantic's own bound would count those that are right.
_NotEmpty = AfterValidator(_not_empty)
_AT_LEAST_ONE: dict[str, Any] = {"minItems": 1}


class RegionPolicy(CrossChecked):
    """Where the Elastic Inference Service may run models: geographies, or regions, never both."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [way]} for way in _WAYS]})

    allowed_geos: Annotated[
        Annotated[Listed[_Name], _NotEmpty] | None,
        Field(description="Geographies: us, eu, apac.", examples=[["eu"]], json_schema_extra=_AT_LEAST_ONE),
    ] = None
    allowed_regions: Annotated[
        Annotated[Listed[CspRegion], _NotEmpty] | None,
        Field(
            description="Regions of cloud providers.",
            examples=[[{"csp": "aws", "region": "eu-west-1"}]],
            json_schema_extra=_AT_LEAST_ONE,
        ),
    ] = None

    @classmethod
    def conditions(cls, raw: Mapping[str, Any], info: ValidationInfo) -> Iterator[PydanticCustomError]:
        """Exactly one of the two: the server refuses both, and takes neither for a policy that allows everything."""
        del info
        ways = [way for way in _WAYS if raw.get(way) is not None]
        if not ways and not raw.keys() - set(_WAYS):
            what, why = "a region policy names allowed_geos or allowed_regions", "one without them restricts nothing"
            yield fault("settings.value", what, why, "allowed_geos: [eu]")
        for extra in ways[1:]:
            what, why = f"a region policy has {ways[0]} or {extra}, not both", "the server refuses both together"
            yield fault("settings.value", what, why, f"remove {extra}", "key", at=(extra,))

    def document(self) -> dict[str, Json]:
        """As the API takes it: the value of `region_policy`, in the order of the file."""
        document: dict[str, Json] = self.model_dump(mode="json", exclude_none=True)
        return document
