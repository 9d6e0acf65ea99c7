"""Agreement, uncertainty and calibration of codings: intervals by resampling, Krippendorff's alpha, reliability."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

import krippendorff
import numpy as np

T = TypeVar("T")
RESAMPLES = 1_000
SEED = 20_240_601
BANDS = 10


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Band:
    """Decisions of about the same confidence: what was claimed and what was true."""

    low: float
    high: float
    decisions: int
    claimed: float  # mean confidence
    true: float  # share that people say too


def bootstrap(items: Sequence[T], statistic: Callable[[Sequence[T]], float]) -> Interval:
    """Percentile interval of a statistic over items drawn again with replacement (Efron 1979).

    Items are pages: decisions about one page are not independent. The draws are always the same.
    """
    chance = np.random.default_rng(SEED)
    values = [
        statistic([items[place] for place in chance.integers(0, len(items), len(items))]) for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(values, [2.5, 97.5])
    return Interval(float(low), float(high))


def alpha(decisions: Sequence[Sequence[float | None]], level: Literal["nominal", "ordinal"] = "nominal") -> float:
    """Krippendorff's alpha of several coders: shape (coders, units), None where a coder said nothing.

    `level` is 'nominal' for codes and 'ordinal' for the levels of social media (Krippendorff 2004, Content Analysis,
    chapter 11). 1.0 where nothing varies and all agree.
    """
    data = np.array([[np.nan if value is None else float(value) for value in row] for row in decisions])
    if len(np.unique(data[~np.isnan(data)])) < 2:
        return 1.0
    return float(krippendorff.alpha(reliability_data=data, level_of_measurement=level))


def reliability(decisions: Sequence[tuple[float, bool]]) -> list[Band]:
    """Decisions (confidence, whether people say the same) in ten bands of confidence; empty bands are left out."""
    bands = []
    for number in range(BANDS):
        low, high = number / BANDS, (number + 1) / BANDS
        inside = [(c, t) for c, t in decisions if low <= c < high or (number == BANDS - 1 and c == 1.0)]
        if inside:
            bands.append(
                Band(
                    low,
                    high,
                    len(inside),
                    sum(c for c, _ in inside) / len(inside),
                    sum(t for _, t in inside) / len(inside),
                )
            )
    return bands


def calibration_error(bands: Sequence[Band]) -> float:
    """Expected calibration error: the mean distance of claimed and true, weighted by decisions (Guo et al. 2017)."""
    total = sum(band.decisions for band in bands)
    return sum(band.decisions * abs(band.claimed - band.true) for band in bands) / total if total else 0.0
