"""For all rooms. Machines that run tests are shared and slow: no example has a deadline, the suite has one."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
