"""`inferctl refs`: the users of some endpoints, in the words of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inferctl.report.escape import say
from inferctl.report.references import references_view, user_lines
from inferctl.report.sentences import cluster_words, kind_words
from inferctl.report.shape import FORMAT_VERSION
from inferctl.report.view import cluster_view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from inferctl.model.desired_observed import ObservedEndpoint
    from inferctl.planner.plan import Capabilities
    from inferctl.planner.references import References
    from inferctl.report.shape.run import RefsView
    from inferctl.report.style import Style


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
    lines = [style.paint(f"Cluster {say(cluster_words(view['cluster']), style)}", "bold")]
    for endpoint in view["endpoints"]:
        kind = say(kind_words(endpoint["task_type"], endpoint["service"]), style)
        lines += ["", f"{style.paint(say(endpoint['id'], style), 'bold')}  {kind}"]
        lines += [f"    {label}: {say(value, style)}" for label, value in user_lines(endpoint["references"])]
    return "\n".join(lines) + "\n"
