"""All that is not proven about the server. A doubt is written once: on the page of its service as a mark, or here.

To add one that no page can hold, add a record to the module of its topic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from inferctl.model.open_questions.record import OpenQuestion

IN_PAGES = "Services and settings"


def open_questions() -> Mapping[str, Sequence[OpenQuestion]]:
    """Records by topic, in the order of the page; the last topic is gathered from the marks. Imports every service."""
    # Only who asks for doubts pays for them.
    from inferctl.model.open_questions import (  # noqa: PLC0415
        in_cluster,
        inferred,
        marks,
        region_policy,
        releases,
        requests_and_answers,
    )

    return {
        "Requests and answers": requests_and_answers.QUESTIONS,
        "Models in the cluster": in_cluster.QUESTIONS,
        "Region policy": region_policy.QUESTIONS,
        "Releases": releases.QUESTIONS,
        "Only inferred": inferred.QUESTIONS,
        IN_PAGES: marks.questions_of_pages(),
    }


def questions_by_id() -> dict[str, OpenQuestion]:
    """The same without their topics, in the same order."""
    return {question.id: question for questions in open_questions().values() for question in questions}
