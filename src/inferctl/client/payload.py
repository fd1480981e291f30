"""A JSON body, encoded at once, with the secrets in it, or the reason why it cannot be sent. Pure.

Nothing here raises: the frames that see the plain body are gone before an error is raised, so that not even a
traceback with local variables shows it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from inferctl.client.redact import secrets_in
from inferctl.secrets.secret import Secret


@dataclass(frozen=True, slots=True)
class Payload:
    """An encoded body. Exactly one of `data` and `problem` is set."""

    data: bytes | None = field(default=None, repr=False)
    secrets: frozenset[Secret] = field(default=frozenset(), repr=False)
    problem: TypeError | ValueError | None = None

    def octets(self) -> bytes:
        """The encoded body. Raises `problem`, if there is one."""
        if self.problem is not None:
            raise self.problem
        return self.data or b""


def payload_of(body: object) -> Payload:
    """`body` as compact UTF-8 JSON. A `Secret` in it is revealed here, and nowhere before."""
    try:
        return Payload(encode(body), secrets_in(body))
    except RecursionError:
        return Payload(problem=ValueError("the body is nested too deeply, or contains itself"))
    except ValueError:
        return Payload(problem=ValueError("the body has no JSON form (NaN, infinity or a circular value)"))
    except TypeError:
        return Payload(problem=TypeError("the body holds a value that has no JSON form"))


def one_of(inference_config: object, body: object) -> Payload:
    """The one body that was given under either of its two names."""
    if inference_config is not None and body is not None:
        return Payload(problem=TypeError("'inference_config' and 'body' are two names for one thing: give one"))
    config = inference_config if inference_config is not None else body
    if config is None:
        return Payload(problem=ValueError("one of 'inference_config' and 'body' must be given"))
    if not isinstance(config, Mapping):
        return Payload(problem=TypeError("the inference configuration must be a mapping"))
    return payload_of(config)


def merged(fields: Mapping[str, object], body: object) -> Payload:
    """The body of an inference call: `body`, with the named fields that were given beside it."""
    named = {name: value for name, value in fields.items() if value is not None}
    if body is None:
        return payload_of(named) if "input" in named else _missing_input()
    if not isinstance(body, Mapping):
        return Payload(problem=TypeError("the body must be a mapping"))
    twice = sorted(named.keys() & body.keys())
    if twice:
        return Payload(problem=ValueError(f"given twice, as a parameter and in 'body': {', '.join(twice)}"))
    return payload_of({**body, **named})


def _missing_input() -> Payload:
    return Payload(problem=ValueError("one of 'input' and 'body' must be given"))


def encode(value: object) -> bytes:
    """Compact JSON in UTF-8. Raises TypeError or ValueError for what JSON has no form for.

    Half of a character (a lone surrogate) has no UTF-8: a text with one is sent in escapes.
    """
    text = json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, default=_plain, separators=(",", ":"), allow_nan=False).encode()


def _plain(value: object) -> object:
    if isinstance(value, Secret):
        return value.reveal()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Sequence | frozenset | set) and not isinstance(value, bytes | bytearray):
        return list(value)
    raise TypeError("no JSON form")
