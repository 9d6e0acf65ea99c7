"""Countries by income, in the groups of the World Bank."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from common.errors import DataFileError
from common.yamlfile import checked, read_yaml

INCOME_GROUPS = ("low income", "lower middle income", "upper middle income", "high income")
_FILE = Path(__file__).parent / "income.yaml"


@dataclass(frozen=True)
class _Income:
    year: int
    groups: dict[str, list[str]]


@cache
def _income() -> tuple[int, dict[str, str]]:
    """The year and each country's group. Raises DataFileError for an unknown group or a country in two."""
    found = checked(_Income, read_yaml(_FILE), "common/income.yaml")
    of: dict[str, str] = {}
    for group, countries in found.groups.items():
        if group not in INCOME_GROUPS:
            raise DataFileError(f"common/income.yaml: groups: {group!r} must be one of {', '.join(INCOME_GROUPS)}")
        for country in countries:
            if country in of:
                raise DataFileError(f"common/income.yaml: groups: {group}: {country} stands in {of[country]!r} too")
            of[country] = group
    return found.year, of


def income_group(country: str) -> str:
    """The income group of an ISO 3166-1 alpha-2 code, one of INCOME_GROUPS; '' where it has none."""
    return _income()[1].get(country, "")


def income_year() -> int:
    """The fiscal year of the World Bank for which the groups hold."""
    return _income()[0]
