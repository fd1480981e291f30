"""Who uses an endpoint: the server's view and that of our own scan, side by side. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from inferctl.model.fact_words import first_of, listed

_NAMED = 20  # in one sentence


class UserKind(Enum):
    """What may use an endpoint. Value: (singular, plural)."""

    PIPELINE = ("pipeline", "pipelines")
    INDEX = ("index", "indexes")
    INDEX_TEMPLATE = ("index template", "index templates")
    COMPONENT_TEMPLATE = ("component template", "component templates")
    ENDPOINT = ("endpoint", "endpoints")  # it runs on the same deployment

    @property
    def word(self) -> str:
        return self.value[0]

    @property
    def plural(self) -> str:
        return self.value[1]


_ORDER = {kind: place for place, kind in enumerate(UserKind)}


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that uses an endpoint.

    `how` says where in the document ("on_failure", "field title", "default_pipeline"); empty for the plain
    case. `through` names the pipeline in between, where the document does not name the endpoint itself.
    """

    kind: UserKind
    name: str
    how: str = ""
    through: str = ""

    @property
    def order(self) -> tuple[int, str, str, str]:
        """By kind, then by name."""
        return _ORDER[self.kind], self.name, self.how, self.through


@dataclass(frozen=True, slots=True)
class References:
    """Who uses one endpoint, sorted by name.

    `pipelines` and `indexes` are the server's view (`DELETE ?dry_run=true`, docs/reference/server/delete.md#answers);
    `asked` is False where the privilege for it is missing. `scan` is what our own scan found, None where there was
    none. `unseen` says what it could not look at ("index templates: no privilege (monitor)").
    """

    pipelines: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    scan: tuple[Reference, ...] | None = None
    asked: bool = True
    unseen: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether something would break that only --force-delete may break.

        Endpoints on the same deployment are not counted: no flag lets their deployment go.
        """
        return any(self.names(kind) for kind in UserKind if kind is not UserKind.ENDPOINT)

    @property
    def server(self) -> tuple[Reference, ...]:
        """The server's view in the words of the scan."""
        return tuple(
            Reference(kind, name)
            for kind, names in ((UserKind.PIPELINE, self.pipelines), (UserKind.INDEX, self.indexes))
            for name in names
        )

    def names(self, kind: UserKind) -> tuple[str, ...]:
        """All of this kind, whoever saw them."""
        return tuple(sorted({use.name for use in (*self.server, *(self.scan or ())) if use.kind is kind}))

    @property
    def scan_only(self) -> tuple[Reference, ...]:
        """What the server does not name, though it was asked; it is never asked for endpoints."""
        if not self.asked:
            return ()
        named_by_server = {(use.kind, use.name) for use in self.server}
        others = (use for use in self.scan or () if use.kind is not UserKind.ENDPOINT)
        return tuple(use for use in others if (use.kind, use.name) not in named_by_server)

    @property
    def server_only(self) -> tuple[Reference, ...]:
        """What our scan did not find, though it looked."""
        if self.scan is None:
            return ()
        found_by_scan = {(use.kind, use.name) for use in self.scan}
        return tuple(use for use in self.server if (use.kind, use.name) not in found_by_scan)


def reference_text(references: References) -> str:
    """Who uses it, in words; endpoints on the same deployment left out."""
    parts = []
    for kind in UserKind:
        names = references.names(kind)
        if names and kind is not UserKind.ENDPOINT:
            parts.append(f"{kind.plural} {first_of(names, _NAMED)}")
    own = references.asked and not references.server
    return f"used by {listed(parts)}{' (seen by our scan only)' if own else ''}"
