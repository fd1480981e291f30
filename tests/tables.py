"""Long tables as few tests: a case is a matter of milliseconds, and pytest spends as much on each test."""

from __future__ import annotations

import inspect
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def rows(cases: Iterable[tuple[str, ...]]) -> Callable[[Callable[..., None]], Callable[[str], None]]:
    """Makes one test of all cases with the same first value. All are tried; each failure says whose it is."""
    groups: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for case in cases:
        groups[case[0]].append(case)

    def decorate(check: Callable[..., None]) -> Callable[[str], None]:
        @pytest.mark.parametrize("of", groups)
        def test(of: str) -> None:
            failures = []
            for case in groups[of]:
                try:
                    check(*case)
                except Exception as failure:  # noqa: BLE001  raised again below
                    failure.add_note(f"the case: {', '.join(case)}")
                    failures.append(failure)
            if failures:
                raise ExceptionGroup(f"{len(failures)} of {len(groups[of])} cases", failures)

        test.__name__, test.__qualname__, test.__doc__ = check.__name__, check.__qualname__, inspect.getdoc(check)
        test.__module__ = check.__module__
        return test

    return decorate
