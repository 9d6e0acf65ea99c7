"""Countries by continent and region of the United Nations (M49), and their English names."""

from functools import cache
from pathlib import Path

import pycountry

from common.yamlfile import checked, read_yaml


@cache
def _regions() -> dict[str, tuple[str, str]]:
    path = Path(__file__).parent / "regions.yaml"
    continents = checked(dict[str, dict[str, list[str]]], read_yaml(path), "common/regions.yaml")
    return {
        country: (continent, region)
        for continent, regions in continents.items()
        for region, countries in regions.items()
        for country in countries
    }


def regions_of(country: str) -> tuple[str, ...]:
    """Continent and region of an ISO 3166-1 alpha-2 code, e.g. ('Europe', 'Northern Europe'); () if unknown."""
    return _regions().get(country, ())


def region_of(country: str) -> str:
    """The narrowest region of an ISO 3166-1 alpha-2 code, e.g. 'Northern Europe'; '' if unknown."""
    return next(iter(regions_of(country)[-1:]), "")


def country_name(country: str) -> str:
    """The short English name of an ISO 3166-1 alpha-2 code; the code itself if unknown."""
    found = pycountry.countries.get(alpha_2=country)
    return str(getattr(found, "common_name", None) or found.name) if found else country
