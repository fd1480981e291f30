"""The body of one answer as its pieces come in: unpacked within bounds, and no larger in memory than its kind may be.

A few hundred bytes can unpack to gigabytes, and three bytes of JSON can become a hundred in memory. Pure.
"""

from __future__ import annotations

import re
import zlib

from inferctl.client.request_limit import UnusableAnswer

_UNPACKED_AT_ONCE = 1024 * 1024
# Values of JSON take so many times the largest body that is taken, and no more.
_MEMORY = 4
# What a character of JSON costs as values, measured on CPython 3.11 to 3.13 and rounded up: an object of one key, a
# list, a text or a number of its own, a key. All over count where the character stands in a text.
_COSTS = ((b"{", 130), (b"[", 80), (b",", 80), (b":", 40))
_WIDTHS = ((re.compile(rb"[\xf0-\xf4]"), 4), (re.compile(rb"[\xc4-\xef]"), 2))


class AnswerBody:
    """`packing` is the `Content-Encoding`, `largest` the bytes that the body may have, unpacked."""

    def __init__(self, packing: str, largest: int) -> None:
        self._largest = largest
        self._octets = bytearray()
        self._unpacker = None
        if packing.strip().lower() in ("gzip", "x-gzip"):
            self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        elif packing.strip().lower() not in ("", "identity"):
            raise UnusableAnswer("the answer is packed in a way that was not asked for (only gzip is, once)")
        self._came = False

    def add(self, piece: bytes) -> None:
        """Raises UnusableAnswer for too much, and for what is not packed as it claims."""
        self._came = self._came or bool(piece)
        if self._unpacker is None:
            self._keep(piece)
            return
        is_gzip = not self._unpacker.eof
        try:
            while piece and is_gzip:
                self._keep(self._unpacker.decompress(piece, _UNPACKED_AT_ONCE))
                piece = self._unpacker.unconsumed_tail
                is_gzip = not self._unpacker.unused_data
        except zlib.error:
            is_gzip = False
        if not is_gzip:
            raise UnusableAnswer("the answer is not the gzip that it claims to be")

    def whole(self) -> bytes:
        """Raises UnusableAnswer where the end is missing, and for JSON that would take too much memory."""
        if self._unpacker is not None and self._came:
            self._keep(self._unpacker.flush())
            if not self._unpacker.eof:
                raise UnusableAnswer("the gzip of the answer breaks off")
        octets = bytes(self._octets)
        if memory_of(octets) > _MEMORY * self._largest:
            raise UnusableAnswer("the answer holds more values than are read")
        return octets

    def _keep(self, unpacked: bytes) -> None:
        self._octets += unpacked
        if len(self._octets) > self._largest:
            raise UnusableAnswer(f"the answer is larger than {self._largest // 2**20} MB")


def memory_of(octets: bytes) -> int:
    """At most so many bytes are taken by the body, its text and its values together, if it is JSON."""
    width = 1 if octets.isascii() else next((wide for lead, wide in _WIDTHS if lead.search(octets)), 1)
    return len(octets) * (1 + 2 * width) + sum(octets.count(char) * cost for char, cost in _COSTS)
