"""How the index holds its fields: what is missing is put back, what is wrong is said.

The first write into an index that somebody deleted makes it anew, with mappings that the server guesses from the
document. Nothing in the request can forbid that, so it is looked at before a run and after it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.errors import ApiError, Forbidden, TransportError
from inferctl.json_types import object_of
from inferctl.ledger.records import INDEX, MAPPINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inferctl.client.sync import InferenceClient


@dataclass(frozen=True, slots=True)
class MappingProblems:
    """`missing` as `PUT /inferctl-ledger/_mapping` takes it; `wrong` names fields, which only a new index can mend."""

    missing: Mapping[str, Any]
    wrong: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.wrong)

    @property
    def wrong_text(self) -> str:
        """What wrong mappings mean, and the way out."""
        named = ", ".join(self.wrong[:5]) + (", …" if len(self.wrong) > 5 else "")
        return (
            f"{INDEX} has other mappings than inferctl gave it ({named}): it was made anew by a write, or by hand. "
            "Searches in it may find too little. See docs/how-to/mend-the-ledger.md"
        )


def problems_in(caps: Mapping[str, Any]) -> MappingProblems:
    """What an answer to `GET /inferctl-ledger/_field_caps?fields=*` says. Pure.

    That request needs `read` alone. An object that is only kept is not in the answer, but its fields are where it is
    searched instead.
    """
    fields = object_of(caps.get("fields"))
    missing: dict[str, Any] = {}
    wrong: list[str] = []
    for name, mapping in MAPPINGS["properties"].items():
        if mapping.get("enabled") is False:
            wrong += [name] if any(field.startswith(f"{name}.") for field in fields) else []
        elif name not in fields:
            missing[name] = mapping
        elif set(object_of(fields[name])) != {mapping["type"]}:
            wrong.append(name)
    return MappingProblems(missing, tuple(sorted(wrong)))


def read_problems(client: InferenceClient) -> MappingProblems | None:
    """None where there is no index. Raises ApiError and TransportError."""
    caps = client.field_caps(index=INDEX, fields="*")
    return problems_in(caps) if caps else None


def mend(client: InferenceClient, problems: MappingProblems) -> list[str]:
    """Put back what is missing. Answers what could not be mended, in words."""
    left = [problems.wrong_text] if problems.wrong else []
    if problems.missing:
        named = ", ".join(problems.missing)
        try:
            client.put_mapping(INDEX, {"dynamic": MAPPINGS["dynamic"], "properties": dict(problems.missing)})
        except Forbidden:
            left.append(
                f"{INDEX} lacks the mappings of {named}, and putting them back needs the privilege manage on {INDEX}: "
                "somebody who has it can run inferctl ledger repair"
            )
        except (ApiError, TransportError) as error:
            left.append(f"{INDEX} lacks the mappings of {named}, and they could not be put back: {error}")
    return left
