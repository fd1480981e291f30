"""Finding the page that a word means: a service, a field of one service, a field of all. Imports no page too many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inferctl.model.services import find, service_names
from inferctl.model.services.names import PARTS
from inferctl.nearest import nearest_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from inferctl.model.services.service import Service
    from inferctl.model.services.setting import Setting


@dataclass(frozen=True, slots=True)
class PageField:
    """A field of a page. `path` starts with the name of the part; `owner` is the field that it is inside."""

    service: Service
    path: tuple[str, ...]
    fact: Setting
    owner: Setting | None = None


def fields_of(service: Service, word: str) -> list[PageField]:
    """The fields that a word means: a name, an alias, the end of a path (`rate_limit.requests_per_minute`)."""
    wanted = tuple(word.split("."))
    return [
        named for named in every_field(service) if named.path[-len(wanted) :] == wanted or word in named.fact.aliases
    ]


def every_field(service: Service) -> Iterator[PageField]:
    """All fields of a page, each before those inside it."""
    for part in PARTS:
        facts = service.service_settings if part == "service_settings" else service.task_settings
        yield from _inside(service, (part,), facts)


def _inside(
    service: Service, path: tuple[str, ...], facts: Mapping[str, Setting], owner: Setting | None = None
) -> Iterator[PageField]:
    for name, fact in facts.items():
        yield PageField(service, (*path, name), fact, owner)
        yield from _inside(service, (*path, name), fact.fields, fact)


def fields_named(word: str) -> list[PageField]:
    """The same in all pages. Imports all of them."""
    return [named for service in _pages() for named in fields_of(service, word)]


def words_like(word: str, more: tuple[str, ...] = ()) -> list[str]:
    """Services, fields and `more` that a misspelled word may mean, the nearest first. Imports all pages."""
    owner, dot, name = word.partition(".")
    service = find(owner)
    if dot and service is not None:
        known = sorted({named.path[-1] for named in every_field(service)})
        return [f"{owner}.{near}" for near in nearest_words(name.rpartition(".")[2], known)]
    if dot:
        meant = [find(near) for near in nearest_words(owner, service_names())]
        fitting = [f"{page.name}.{name}" for page in meant if page is not None and fields_of(page, name)]
        if fitting:
            return fitting
    fields = {named.path[-1] for page in _pages() for named in every_field(page)}
    return list(nearest_words(word, sorted({*service_names(), *fields, *more})))


def _pages() -> Iterator[Service]:
    for name in service_names():
        service = find(name)
        assert service is not None
        yield service
