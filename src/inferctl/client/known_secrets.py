"""The secrets that a run knows of, from before its first request on, and how they are kept out of what it says.

A server may quote a key that another request carried, minutes or weeks ago, and in a success as well as in an error:
in an id, in a setting, in a record of the ledger. Values that a plan is made of stay as they are, or it would be about
other endpoints; what is shown or kept of them goes through here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

from inferctl.client.redact import secrets_in
from inferctl.secrets.hide import hide
from inferctl.secrets.in_environment import secrets_in_environment
from inferctl.secrets.layers import APART
from inferctl.secrets.mask import PIECE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inferctl.secrets.secret import Secret

# A shorter one would be found in the middle of our own words.
_SHORTEST_HIDDEN = PIECE
_LEAST_HIDDEN_NUMBER = 10 ** (_SHORTEST_HIDDEN - 1)
# In one case, or with a first capital: a random key is written in both.
_WORD = "(?:[A-Z]?[a-z_]{1,39}|[A-Z_]{1,40})"
_WORDS = re.compile(f"{_WORD}(?:[ -]{_WORD})?")
_T = TypeVar("_T")


class HideIn(Protocol):
    """`KnownSecrets.hide_in`."""

    def __call__(self, value: _T, /) -> _T: ...


class KnownSecrets:
    """Secrets that may not be shown. A client and all that are made of it share one; it grows while a run goes on.

    `later` is asked for more when the first text is at hand: most runs see none that needs it. `beside` are those that
    somebody else adds to.
    """

    __slots__ = ("_beside", "_later", "_secrets")

    def __init__(self, secrets: Iterable[Secret] = (), *, beside: KnownSecrets | None = None) -> None:
        self._secrets = frozenset(secrets)
        self._later: list[Callable[[], Iterable[Secret]]] = []
        self._beside = beside

    @classmethod
    def here(cls, environ: Mapping[str, str]) -> Self:
        """Those that the environment seems to hold, where no cluster is at hand."""
        known = cls()
        known.add_later(lambda: secrets_in_environment(environ))
        return known

    def __iter__(self) -> Iterator[Secret]:
        while self._later:
            self.add(self._later.pop()())
        yield from self._secrets
        if self._beside is not None:
            yield from self._beside

    def add(self, secrets: Iterable[Secret]) -> None:
        """From now on these are known too, and what is secret inside of one that is JSON text."""
        self._secrets |= secrets_in(list(secrets))

    def add_later(self, source: Callable[[], Iterable[Secret]]) -> None:
        """The same for what takes time to find out."""
        self._later.append(source)

    def hide(self, text: str) -> str:
        """The text without any of them that has 8 characters or more, nor 8 characters of it."""
        return hide(text, self._long())

    def hide_in(self, value: _T) -> _T:
        """JSON, tuples and dataclasses without them: in texts, in numbers and in keys.

        One or two words of letters in one case are most often our own ("not ready", "text_embedding"), and programs
        read them: they go where a whole secret is in them, not for a part of one.
        """
        long = self._long()
        whole = [secret.reveal().casefold() for secret in long]

        def is_plain(text: str) -> bool:
            return bool(_WORDS.fullmatch(text)) and not any(secret in text.casefold() for secret in whole)

        texts = [text for text in {*every_text(value)} if not is_plain(text)]
        shown = _each_hidden(texts, long)
        changed = {text: new for text, new in zip(texts, shown, strict=True) if new != text}
        return cast("_T", _mapped(value, lambda text: changed.get(text, text))) if changed else value

    def _long(self) -> list[Secret]:
        return [secret for secret in self if len(secret.reveal()) >= _SHORTEST_HIDDEN]


def _each_hidden(texts: list[str], secrets: Sequence[Secret]) -> list[str]:
    """All in one pass: to look for many secrets takes its time, however short a text is."""
    apart = [text.replace(APART, "") for text in texts]
    shown = hide(APART.join(apart), secrets).split(APART)
    return shown if len(shown) == len(texts) else [hide(text, secrets) for text in texts]


def hide_in_error(error: BaseException, hidden: Callable[[str], str]) -> None:
    """Every text that an error of ours, and what it comes from, shows: its words, its fields, its fixes, its notes.

    The frames of what it comes from go, for somebody may print them with their variables.
    """
    seen: set[int] = set()
    chain: list[BaseException | None] = [error]
    while chain:
        one = chain.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        one.__traceback__ = None
        chain += [one.__cause__, one.__context__]
        one.args = _mapped(one.args, hidden)
        for name, value in list(vars(one).items()):
            setattr(one, name, _mapped(value, hidden))


def every_text(value: object) -> Iterator[str]:
    """Each text in JSON, tuples and dataclasses: values, keys, long numbers."""
    left = [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, Mapping):
            yield from map(str, one)
            left += one.values()
        elif isinstance(one, list | tuple):
            left += one
        elif is_dataclass(one):
            left += [getattr(one, field.name) for field in fields(one)]
        elif _is_long_number(one):
            yield str(one)


def _is_long_number(value: object) -> bool:
    return isinstance(value, int | float) and abs(value) >= _LEAST_HIDDEN_NUMBER


def _mapped(value: Any, hidden: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        shown = hidden(value)
        return value if shown == value else shown
    if isinstance(value, Mapping):
        return {hidden(str(key)): _mapped(inner, hidden) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_mapped(inner, hidden) for inner in value)
    if is_dataclass(value) and not isinstance(value, type):
        members = {field.name: getattr(value, field.name) for field in fields(value)}
        return replace(value, **{name: _mapped(inner, hidden) for name, inner in members.items()})
    return hidden(str(value)) if _is_long_number(value) and hidden(str(value)) != str(value) else value
