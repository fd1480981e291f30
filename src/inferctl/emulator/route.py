"""One route: a template, a handler and what is checked before the handler runs (emulating.md#order-of-the-checks)."""

from collections.abc import Callable
from dataclasses import dataclass

from .call import Call, Handler
from .profiles import Profile

Check = Callable[[Call], None]


def _nothing(_: Call) -> None:
    pass


def _always(_: Profile) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Route:
    """A route. `params` are known when `params_known` says so, `always` ones in every version."""

    method: str
    template: str
    run: Handler
    prepare: Check = _nothing
    validate: Check = _nothing
    body: bool = False
    params: tuple[str, ...] = ()
    always: tuple[str, ...] = ()
    params_known: Callable[[Profile], bool] = _always
    any_params: bool = False
    action: str = ""  # what a privilege has to grant; "" needs none
    action_817: str = ""  # its name up to 8.17, where that was another (requests.md#privileges)
    open: bool = False  # the control API: no authentication

    def match(self, segments: list[str]) -> dict[str, str] | None:
        """The path variables, if the path fits."""
        parts = self.template.strip("/").split("/") if self.template != "/" else []
        if len(parts) != len(segments):
            return None
        variables: dict[str, str] = {}
        for part, segment in zip(parts, segments, strict=True):
            if part.startswith("{"):
                # An index name never starts with an underscore, so API paths are not taken for indexes.
                if part == "{index}" and segment.startswith("_"):
                    return None
                variables[part[1:-1]] = segment
            elif part != segment:
                return None
        return variables

    def action_on(self, profile: Profile) -> str:
        """The transport action, as errors name it."""
        return self.action_817 if self.action_817 and profile.line <= (8, 17) else self.action

    def known_params(self, profile: Profile) -> set[str]:
        """Query parameters that the handler consumes."""
        return {*self.always, *(self.params if self.params_known(profile) else ())}
