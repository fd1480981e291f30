"""What you PUT and what GET shows, folded into one form. Only what the catalogue says, never by guess.

Source: docs/reference/server/false-drift.md#the-fifteen-differences.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inferctl.json_types import Json, JsonObject
    from inferctl.model.services.setting import Setting


def fold_settings(facts: Mapping[str, Setting], settings: JsonObject) -> JsonObject:
    """Secrets and hidden fields dropped, keys and words in the spelling of GET, empty objects and nulls absent."""
    folded: dict[str, Json] = {}
    for key, value in settings.items():
        fact = facts.get(key)
        if fact is not None and (fact.secret or fact.hidden):
            continue
        name = key
        if fact is not None and fact.shown_as:
            name = fact.shown_as
            fact = facts.get(name, fact)
        form = _fold(fact, value)
        if form is None or form == {}:
            continue
        folded[name] = form
    return folded


def _fold(fact: Setting | None, value: Json) -> Json:
    if fact is None:
        return value
    if isinstance(value, str):
        word = {"lower": value.strip().lower(), "upper": value.strip().upper()}.get(fact.fold or "", value)
        return fact.synonyms.get(word, word)
    if isinstance(value, Mapping) and fact.fields:
        return fold_settings(fact.fields, value)
    if fact.type in ("number", "float") and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value
