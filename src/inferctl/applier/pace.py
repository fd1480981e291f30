"""How fast a run may write while somebody limits it: halved by each refusal, widened again by each success. Pure.

One pace per limit: a provider's holds for the steps of its service, the cluster's for all. Times are seconds of one
monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

_FIRST_S = 2.0
_LONGEST_S = 60.0  # limits count by the minute as a rule
_JITTER = 0.25  # of a wait, so that several runs do not come back at once


@dataclass(frozen=True, slots=True)
class Pace:
    """`width` is how many may be under way at a time, at most `most`; nothing is sent before `until_s`.

    `cut_s` is when it was last cut: what was sent before belongs to the same burst. `refusals` counts those in a row.
    `since_s` is the first refusal since anything passed.
    """

    most: int
    width: float
    until_s: float = 0.0
    cut_s: float | None = None
    refusals: int = 0
    since_s: float | None = None

    @classmethod
    def unlimited(cls, most: int) -> Pace:
        """Before the first refusal."""
        return cls(most, float(most))

    def refused(self, *, sent_s: float, now_s: float, retry_after_s: float | None, jitter: float) -> Pace:
        """After a refusal of what was sent at `sent_s`. `jitter` lies in [0, 1)."""
        same_burst = self.cut_s is not None and sent_s < self.cut_s
        refusals = self.refusals if same_burst else self.refusals + 1
        wait = min(_FIRST_S * 2.0 ** (refusals - 1), _LONGEST_S)
        if retry_after_s is not None:  # who asks for too little is not asked at once again and again
            wait = retry_after_s if refusals == 1 else max(wait, retry_after_s)
        return replace(
            self,
            width=self.width if same_burst else max(1.0, self.width / 2),
            until_s=max(self.until_s, now_s + wait * (1 + _JITTER * jitter)),
            cut_s=self.cut_s if same_burst else now_s,
            refusals=refusals,
            since_s=now_s if self.since_s is None else self.since_s,
        )

    def passed(self) -> Pace:
        """After a success: one more at a time for each round of them."""
        return replace(self, width=min(float(self.most), self.width + 1 / self.width), refusals=0, since_s=None)

    def wait_s(self, now_s: float) -> float:
        """How long nothing is sent."""
        return max(0.0, self.until_s - now_s)

    def has_room(self, running: int) -> bool:
        """Whether one more may be under way."""
        return running < int(self.width)

    def refused_for_s(self, now_s: float) -> float:
        """How long nothing has passed."""
        return 0.0 if self.since_s is None else now_s - self.since_s
