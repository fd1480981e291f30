"""For all rooms. Machines that run tests are shared and slow: no example has a deadline, the suite has one.

What decides whether a change lands must not hang on luck: the examples are the same in each run. Another search is
`./test --hypothesis-profile=search --hypothesis-seed=random`; what it finds becomes an `@example`.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("same each time", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, derandomize=False, max_examples=1000)
settings.load_profile("same each time")
