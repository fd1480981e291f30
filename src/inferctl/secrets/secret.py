"""Text that must not be shown: the type that resolved credentials live in.

A `Secret` has no rendering: every way of turning it into text gives the mask, and every codec refuses it.
The text itself sits in a closure, not in an attribute, so that walkers over attributes (tracebacks with
locals, `dataclasses.asdict`, differs, model dumps) find nothing to print.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, NoReturn, final

from inferctl.secrets.mask import MASK

if TYPE_CHECKING:
    from collections.abc import Callable


@final
class Secret:
    """One secret string. `reveal()` is the only way out; call it where the bytes leave the process."""

    __slots__ = ("_opaque",)

    _opaque: Callable[[], str]

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):  # the type checker's promise, kept for callers without one
            raise TypeError("a secret is a string")
        object.__setattr__(self, "_opaque", lambda: text)

    def reveal(self) -> str:
        """The text itself."""
        return self._opaque()

    def __repr__(self) -> str:
        return MASK

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        """Whether there is any text at all."""
        return bool(self._opaque())

    def __eq__(self, other: object) -> bool:
        """Compared in constant time, and only with another Secret: a plain string is never equal."""
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_octets(self), _octets(other))

    def __hash__(self) -> int:
        return hash((Secret, self._opaque()))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a secret cannot be pickled")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a secret cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a secret cannot be changed")


def _octets(secret: Secret) -> bytes:
    return secret.reveal().encode("utf-8", "surrogatepass")
