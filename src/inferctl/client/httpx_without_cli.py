"""httpx without its own command line.

`import httpx` also imports `httpx._main`, and with it rich and pygments, wherever they are installed: a third of
the time that a plan of a few endpoints takes. Its fallback for an absent command line is part of httpx.
"""

from __future__ import annotations

import sys

_COMMAND_LINE = "httpx._main"

_blocked = "httpx" not in sys.modules and _COMMAND_LINE not in sys.modules
if _blocked:
    sys.modules[_COMMAND_LINE] = None  # type: ignore[assignment]  # None makes the import fail, as documented
try:
    import httpx
finally:
    if _blocked:
        del sys.modules[_COMMAND_LINE]

__all__ = ["httpx"]
