"""`inferctl refs`: the users of some endpoints, in the words of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import clean, cut
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.users import references_view, user_lines
from inferctl.report.view import cluster_view
from inferctl.report.words import cluster_words, kind_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.model.endpoint import ObservedEndpoint
    from inferctl.plan.plan import Capabilities
    from inferctl.plan.references import References
    from inferctl.report.shape.run import RefsView
    from inferctl.report.style import Style

_PROSE = 1_000


def refs_view(capabilities: Capabilities, found: Iterable[tuple[ObservedEndpoint, References]]) -> RefsView:
    """Sorted by id. `schema/refs.json` describes it."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "refs",
        "cluster": cluster_view(capabilities),
        "endpoints": [
            {
                "id": endpoint.inference_id,
                "task_type": endpoint.task_type,
                "service": endpoint.service,
                "references": references_view(references),
            }
            for endpoint, references in sorted(found, key=lambda pair: pair[0].inference_id)
        ],
    }


def refs_text(view: RefsView, style: Style) -> str:
    """The cluster, then a block per endpoint. Ends in a newline."""

    def say(text: str) -> str:
        return cut(clean(text, ascii_only=style.ascii), _PROSE, style.ellipsis)

    lines = [style.paint(f"Cluster {say(cluster_words(view['cluster']))}", "bold")]
    for endpoint in view["endpoints"]:
        kind = say(kind_words(endpoint["task_type"], endpoint["service"]))
        lines += ["", f"{style.paint(say(endpoint['id']), 'bold')}  {kind}"]
        lines += [f"    {label}: {say(value)}" for label, value in user_lines(endpoint["references"])]
    return "\n".join(lines) + "\n"
