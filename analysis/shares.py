"""A share of so many of so many, with its interval."""

from dataclasses import dataclass
from math import floor

from analysis.agreement import Interval


@dataclass(frozen=True)
class Share:
    """So many of so many, with a 95 % interval (Wilson 1927)."""

    yes: int
    of: int

    @property
    def value(self) -> float:
        """The share, 0 to 1; 0 of nothing is 0."""
        return self.yes / self.of if self.of else 0.0

    @property
    def interval(self) -> Interval:
        """Wilson's score interval; all of 0 to 1 where nothing was seen."""
        if not self.of:
            return Interval(0.0, 1.0)
        from scipy.stats import binomtest  # takes a second to load, and most commands need it not

        found = binomtest(self.yes, self.of).proportion_ci(method="wilson")
        return Interval(float(found.low), float(found.high))

    def in_words(self) -> str:
        """'3 of 12 (25%, 9% to 53%)'."""
        low, high = self.interval.low, self.interval.high
        return f"{self.yes} of {self.of} ({_percent(self.value)}, {_percent(low)} to {_percent(high)})"


def _percent(share: float) -> str:
    """Rounded as spreadsheets do: halves up."""
    return f"{floor(100 * share + 0.5)}%"
