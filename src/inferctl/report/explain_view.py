"""What `inferctl explain` says, as data: what `--format json` prints and what the text renders."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.model.fact_words import (
    default_text,
    put_text,
    required_text,
    secrets_text,
    shown_text,
    since_text,
    type_text,
)
from inferctl.report.shape import FORMAT_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from inferctl.diagnostics import Page
    from inferctl.model.open_questions.record import OpenQuestion
    from inferctl.model.page_lookup import PageField
    from inferctl.model.services.service import Service
    from inferctl.model.services.setting import Setting
    from inferctl.report.shape.explain import (
        CodePage,
        FieldPage,
        OverviewPage,
        QuestionPage,
        QuestionView,
        ServicePage,
        SettingView,
        SharedSetting,
        UncertainPage,
    )


def code_view(code: str, page: Page) -> CodePage:
    """The page of a diagnostic."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "code",
        "code": code,
        "title": page.title,
        "explanation": page.explanation,
        "fix": page.fix,
    }


def overview_view(services: Iterable[str], codes: Mapping[str, Page]) -> OverviewPage:
    """All words that have a page, fields left out: no page is read for it."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "overview",
        "services": list(services),
        "codes": [{"code": code, "title": codes[code].title} for code in sorted(codes)],
    }


def service_view(service: Service) -> ServicePage:
    """The page of a service."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "service",
        "service": service.name,
        "title": service.title,
        "since": since_text(service.since),
        "deprecated_since": since_text(service.deprecated) if service.deprecated is not None else "",
        "shown_as": service.shown_as,
        "uncertain": service.uncertain,
        "task_types": [
            {
                "name": name,
                "since": since_text(facts.since),
                "rate_limit": facts.rate_limit,
                "rate_limit_until": str(facts.rate_limit_until or ""),
                "note": facts.note,
                "uncertain": facts.uncertain,
            }
            for name, facts in service.task_types.items()
        ],
        "service_settings": [field_view(name, fact) for name, fact in service.service_settings.items()],
        "task_settings": [field_view(name, fact) for name, fact in service.task_settings.items()],
        "rules": [str(condition) for condition in service.conditions],
        "notes": [*service.notes, *([secrets_text()] if service.may_refuse_secrets else [])],
    }


def field_page_view(word: str, found: Sequence[PageField]) -> FieldPage:
    """A field of one service or of several; services that say the same stand together."""
    groups: list[SharedSetting] = []
    for named in found:
        field = field_view(".".join(named.path), named.fact, named.owner)
        if named.fact.secret and named.service.may_refuse_secrets:
            field["update"]["note"] = secrets_text()
        for group in groups:
            if group["field"] == field:
                group["services"].append(named.service.name)
                break
        else:
            groups.append({"services": [named.service.name], "field": field})
    return {"format_version": FORMAT_VERSION, "kind": "field", "field": word, "pages": groups}


def field_view(name: str, fact: Setting, owner: Setting | None = None) -> SettingView:
    """All that is known of a field. Empty texts and lists: nothing to say; no `task_types`: all of the service.

    `_update` takes a field inside another one with its `owner`.
    """
    moved = fact if owner is None or fact.updatable_since is not None else owner
    return {
        "name": name,
        "type": type_text(fact),
        "description": fact.description,
        "task_types": sorted(fact.task_types),
        "required": required_text(fact),
        "default": default_text(fact),
        "values": [{"value": word, "since": _word_since(fact, word)} for word in fact.enum],
        "minimum": fact.minimum,
        "maximum": fact.maximum,
        "secret": fact.secret,
        "filled": fact.filled,
        "hidden": fact.hidden,
        "live": fact.live,
        "put": put_text(fact),
        "shown": shown_text(fact),
        "aliases": list(fact.aliases),
        "since": ("" if fact.since is None else since_text(fact.since) or "unreleased"),
        "until": str(fact.until or ""),
        "update": {
            "since": since_text(moved.updatable_since) if moved.updatable_since is not None else "",
            "uncertain": moved.updatable_uncertain,
            "note": fact.update_note,
        },
        "note": fact.note,
        "uncertain": fact.uncertain,
        "fields": [field_view(inner, known, moved) for inner, known in fact.fields.items()],
    }


def _word_since(fact: Setting, word: str | int) -> str:
    first = fact.enum_since.get(str(word))
    return since_text(first) if first is not None else ""


def uncertain_view(by_topic: Mapping[str, Sequence[OpenQuestion]], service: str = "") -> UncertainPage:
    """What is not proven; with a service, what concerns it."""
    topics = {
        topic: [_question(question) for question in questions if not service or question.is_about(service)]
        for topic, questions in by_topic.items()
    }
    return {
        "format_version": FORMAT_VERSION,
        "kind": "uncertain",
        "service": service,
        "topics": [{"topic": topic, "questions": questions} for topic, questions in topics.items() if questions],
    }


def question_view(question: OpenQuestion) -> QuestionPage:
    """The page of one fact that is not proven."""
    return {"format_version": FORMAT_VERSION, "kind": "question", "question": _question(question)}


def _question(question: OpenQuestion) -> QuestionView:
    return {
        "id": question.id,
        "statement": question.statement,
        "versions": question.versions,
        "evidence": question.evidence.split(","),
        "sources": question.source.split(", "),
        "needs": question.needs,
        "writes": question.writes,
        "requests": [
            {"method": request.method, "path": request.path, "body": request.body} for request in question.steps
        ],
        "answers": [{"answer": str(answer), "means": answer.means} for answer in question.answers],
        "by_hand": question.by_hand,
    }
