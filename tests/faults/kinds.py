"""How one request can go wrong: a table. Each kind does a few things with an exchange (`proxy`).

"before" is an answer in the place of the cluster's, "after" one that hides what the cluster did. Answers of
Elasticsearch have its envelope and its product header; those of a gateway have neither.
"""

from __future__ import annotations

import json
import signal
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inferctl.emulator.adapter import Reply
from inferctl.emulator.provider import ProviderRule

from .fast_time import SPEED
from .proxy import Exchange, head

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

JSON, HTML = {"Content-Type": "application/json"}, {"Content-Type": "text/html"}
PAGE = "<html><head><title>{0}</title></head><body><center><h1>{0}</h1></center><hr>proxy</body></html>"
ELSEWHERE = "http://127.0.0.1:9/elsewhere"
# What Elasticsearch calls an error that has nothing to do with the request.
TYPES = {
    400: "illegal_argument_exception", 401: "security_exception", 403: "security_exception",
    404: "resource_not_found_exception", 408: "timeout_exception", 409: "version_conflict_engine_exception",
    429: "es_rejected_execution_exception", 500: "null_pointer_exception", 502: "status_exception",
    503: "cluster_block_exception", 504: "process_cluster_event_timeout_exception",
}  # fmt: skip


def elasticsearch(status: int, **headers: str) -> Reply:
    cause = {"type": TYPES[status], "reason": "a fault of the test"}
    product = {} if status in {401, 403} else {"X-elastic-product": "Elasticsearch"}  # the server leaves it out there
    body = json.dumps({"error": {"root_cause": [cause], **cause}, "status": status}).encode()
    return Reply(status, {**JSON, **product, **headers}, body)


def gateway(status: int, **headers: str) -> Reply:
    return Reply(status, {**JSON, **headers}, json.dumps({"message": "a fault of the test"}).encode())


def page(status: int, **headers: str) -> Reply:
    return Reply(status, {**HTML, **headers}, PAGE.format(f"{status} from the proxy").encode())


def before(reply: Reply) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.answer(reply)


def after(reply: Reply) -> Callable[[Exchange], None]:
    def act(exchange: Exchange) -> None:
        exchange.execute()
        exchange.answer(reply)

    return act


def changed(change: Callable[[Reply], bytes]) -> Callable[[Exchange], None]:
    """Executed, and these octets go out; then the connection breaks."""

    def act(exchange: Exchange) -> None:
        exchange.send(change(exchange.execute()))
        exchange.reset()

    return act


def body_of(octets: bytes) -> Callable[[Exchange], None]:
    """Executed, and another body stands in the answer."""

    def act(exchange: Exchange) -> None:
        reply = exchange.execute()
        exchange.answer(Reply(reply.status, reply.headers, octets))

    return act


def _cut_before(exchange: Exchange) -> None:
    exchange.reset()


def _cut_after(exchange: Exchange) -> None:
    exchange.execute()
    exchange.reset()


def _closed_after(exchange: Exchange) -> None:
    exchange.execute()
    exchange.close()


def _cut_and_done_late(exchange: Exchange) -> None:
    """The connection breaks while the server is at work; it is done some seconds later."""
    exchange.reset()
    exchange.later(4.0)


def _timeout_and_done_late(exchange: Exchange) -> None:
    exchange.answer(page(504))
    exchange.later(4.0)


def _delay(seconds: float) -> Callable[[Exchange], None]:
    def act(exchange: Exchange) -> None:
        reply = exchange.execute()
        exchange.proxy.over.wait(seconds / SPEED)
        exchange.answer(reply)

    return act


def _silence(exchange: Exchange) -> None:
    """Nothing is done, nothing is said."""
    exchange.proxy.over.wait(120 / SPEED)
    exchange.reset()


def _drip(exchange: Exchange) -> None:
    reply = exchange.execute()
    octets = head(reply) + reply.body
    piece = max(1, len(octets) // 20)
    for start in range(0, len(octets), piece):
        exchange.send(octets[start : start + piece])
        exchange.proxy.over.wait(0.2 / SPEED)


def _twice(exchange: Exchange) -> None:
    """Delivered twice; the first answer comes back."""
    reply = exchange.execute()
    exchange.execute()
    exchange.answer(reply)


def _sent_again(exchange: Exchange) -> None:
    """A proxy lost the first answer and sent it again by itself; the second answer comes back."""
    exchange.execute()
    exchange.answer(exchange.execute())


def _leave(seconds: float) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.leave(seconds / SPEED)


def _killed(number: int, *, executed: bool) -> Callable[[Exchange], None]:
    def act(exchange: Exchange) -> None:
        if executed:
            exchange.execute()
        exchange.proxy.kill(number)
        exchange.reset()

    return act


def _terminated(exchange: Exchange) -> None:
    exchange.proxy.kill(signal.SIGTERM)
    time.sleep(0.01)  # the signal is first
    exchange.answer(exchange.execute())


def _provider(outcome: str) -> Callable[[Exchange], None]:
    """The provider refuses this one: the cluster says so, in its own words."""

    def act(exchange: Exchange) -> None:
        rules = exchange.proxy.cluster.provider_rules
        rules.append(ProviderRule(outcome))
        exchange.answer(exchange.execute())
        rules.clear()

    return act


def anything(_exchange: Exchange) -> bool:
    return True


def changes(exchange: Exchange) -> bool:
    """A read cannot tell whether it was carried out."""
    return exchange.changes


def writes(exchange: Exchange) -> bool:
    return exchange.is_write


def puts(exchange: Exchange) -> bool:
    """Where a 404 of Elasticsearch itself is how it says "absent", nobody can tell it from the truth."""
    return exchange.method == "PUT"


@dataclass(frozen=True)
class Kind:
    """`times` requests in a row (-1: all that follow), for requests that `fits` takes.

    `turns`: before the second run all keys are changed, and it has to notice. That takes a ledger.
    """

    act: Callable[[Exchange], None]
    times: int = 1
    fits: Callable[[Exchange], bool] = anything
    turns: bool = False


ONCE: Mapping[str, Any] = {
    "cut before": _cut_before,
    "cut after": _cut_after,
    "closed after": _closed_after,
    "cut and done late": _cut_and_done_late,
    "timeout and done late": _timeout_and_done_late,
    "cut in the head": changed(lambda reply: head(reply)[:20]),
    "truncated": changed(lambda reply: head(reply) + reply.body[: len(reply.body) // 2]),
    "not JSON, before": before(page(200)),
    "not JSON": body_of(b"OK"),
    "empty, before": before(Reply(200, JSON)),
    "empty": body_of(b""),
    "a list": body_of(b"[]"),
    "null": body_of(b"null"),
    "an empty object, before": before(Reply(200, JSON, b"{}")),
    "another shape": body_of(b'{"acknowledged": "perhaps"}'),
    **{f"{status} before": before(elasticsearch(status)) for status in TYPES if status != 404},
    "429 before, Retry-After": before(elasticsearch(429, **{"Retry-After": "2"})),
    "503 before, Retry-After": before(elasticsearch(503, **{"Retry-After": "2"})),
    **{f"{status} after": after(elasticsearch(status)) for status in (408, 429, 500, 503, 504)},
    **{f"gateway {status} before": before(gateway(status)) for status in (400, 401, 403, 404, 409)},
    **{f"gateway {status} after": after(gateway(status)) for status in (400, 401, 403, 404, 409, 429, 502, 503)},
    "503 after, Retry-After": after(gateway(503, **{"Retry-After": "2"})),
    **{f"page {status} before": before(page(status)) for status in (404, 502)},
    **{f"page {status} after": after(page(status)) for status in (404, 502)},
    "redirect": before(page(302, Location=ELSEWHERE)),
    "redirect after": after(page(307, Location=ELSEWHERE)),
    "delay": _delay(5),
    "delay over the limit": _delay(45),
    "silence": _silence,
    "drip": _drip,
    "twice": _twice,
    "sent again": _sent_again,
    "refused": _leave(3),
}  # fmt: skip

# What a read cannot tell from another kind.
HIDDEN = {"twice", "sent again", "not JSON", "empty"}

KINDS: Mapping[str, Kind] = {
    **{
        name: Kind(act, fits=changes if " after" in name or "late" in name or name in HIDDEN else anything)
        for name, act in ONCE.items()
    },
    "404 before": Kind(before(elasticsearch(404)), fits=puts),
    "the provider's limit": Kind(_provider("429"), fits=writes),
    "a key that the provider refuses": Kind(_provider("401"), fits=writes),
    "a provider that is slow": Kind(_provider("timeout"), fits=writes),
    "503 after, and new keys": Kind(after(elasticsearch(503)), fits=changes, turns=True),
    "cut before, and new keys": Kind(_cut_before, fits=changes, turns=True),
    "cut after, until the end, and new keys": Kind(_cut_after, times=-1, fits=changes, turns=True),
    "503 before, thrice": Kind(before(elasticsearch(503)), times=3),
    "page 502 after, thrice": Kind(after(page(502)), times=3),
    "401 for a while": Kind(before(elasticsearch(401)), times=4),
    "refused until the end": Kind(_leave(-1), times=1),
    "cut before, until the end": Kind(_cut_before, times=-1),
    "cut after, until the end": Kind(_cut_after, times=-1),
    "503 before, until the end": Kind(before(elasticsearch(503)), times=-1),
    "429 before, until the end": Kind(before(elasticsearch(429, **{"Retry-After": "2"})), times=-1),
    "401 until the end": Kind(before(elasticsearch(401)), times=-1),
    "page 502 before, until the end": Kind(before(page(502)), times=-1),
    "page 404 after, until the end": Kind(after(page(404)), times=-1),
}

SIGNALS: Mapping[str, Kind] = {
    "SIGKILL before": Kind(_killed(signal.SIGKILL, executed=False), times=-1),
    "SIGKILL after": Kind(_killed(signal.SIGKILL, executed=True), times=-1),
    "SIGKILL before, and new keys": Kind(_killed(signal.SIGKILL, executed=False), times=-1, fits=changes, turns=True),
    "SIGKILL after, and new keys": Kind(_killed(signal.SIGKILL, executed=True), times=-1, fits=changes, turns=True),
    "SIGTERM": Kind(_terminated),
}
