"""Names of other countries in a text: of countries, their large cities, and of what comes from there ('Japanese').

The names are those of Unicode's locale data (CLDR, through Babel) in each language of the codebook; places.yaml says
which of them are also common words, and adds short forms. Who helps firms to sell in Japan need not say 'export'.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind
from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages

from analysis.words import simplified
from common.yamlfile import checked, read_yaml

FILE = Path(__file__).parent / "codebook" / "places.yaml"
# world, continents and unions that a page's own country may be part of: they say nothing of other countries
_EVERYWHERE = frozenset({"001", "150", "EU", "EZ", "QO", "UN", "ZZ", "XA", "XB", "AQ"})
_STEM = 5  # letters of a name that grammar leaves as they are; up to two more may change: Polska, Polsce
_LOST = 2
_ENDING = 4  # letters that may follow a stem: Japonii, japanischen
_SHORT_ENDING = 2  # letters that may follow a name without loss: Japans, Kenyan, turcs
_SPACED = "\u0590"  # scripts from here on write words together, or put prefixes before them


@dataclass(frozen=True)
class PlaceWords:
    """What places.yaml says of one language."""

    not_places: list[str] = field(default_factory=list)  # names that are common words, or of somewhere else
    also: list[str] = field(default_factory=list)  # short forms and regions, as they are written
    cities: dict[str, list[str]] = field(default_factory=dict)  # by country: those that Unicode has not
    peoples: dict[str, list[str]] = field(default_factory=dict)  # by country: what or who comes from there

    def of_countries(self, without: Collection[str]) -> set[str]:
        """The cities and peoples of all countries but some."""
        listed = [*self.cities.items(), *self.peoples.items()]
        return {name for code, names in listed if code not in without for name in names}


class PlaceFinder:
    """Finds the names of other countries than one's own, in one language."""

    def __init__(self, language: str, home: str, words: PlaceWords) -> None:
        names = dict.fromkeys(words.also, 0)
        for name in _names(language, home, words):
            if name not in words.not_places:
                stem = name if language == "en" or name[0] >= _SPACED else _stem(name)
                names[stem] = max(names.get(stem, 0), _SHORT_ENDING if stem == name else _ENDING)
        self._names = sorted(names)
        self._endings = [names[name] for name in self._names]
        self._automaton = AhoCorasick(self._names, matchkind=MatchKind.LeftmostLongest)

    def find(self, text: str) -> set[str]:
        """The names found, each once, as the list has them."""
        found = set()
        for number, start, end in self._automaton.find_matches_as_indexes(text):
            name = self._names[number]
            if name[0] < _SPACED and (
                (start and text[start - 1].isalnum()) or _goes_on(text, end, self._endings[number])
            ):
                continue
            found.add(name)
        return found


def foreign_places(text: str, language: str, home: str = "") -> set[str]:
    """Names of other countries in a text; `home` is the country (ISO 3166-1 alpha-2) that is not another one.

    Where it is not known, no country counts in which the text's language is an official one.
    """
    return _finder(language, home.upper()).find(simplified()(text) if language == "zh" else text)


def country_of(language: str) -> str:
    """The country (ISO 3166-1 alpha-2) where most who speak a language live."""
    return str(get_global("likely_subtags")[language]).rsplit("_", 1)[1]


@cache
def _finder(language: str, home: str) -> PlaceFinder:
    own, any_language = (_words().get(key, PlaceWords()) for key in (language, "any"))
    words = replace(own, not_places=own.not_places + any_language.not_places, also=own.also + any_language.also)
    return PlaceFinder(language, home, words)


@cache
def _words() -> dict[str, PlaceWords]:
    return checked(dict[str, PlaceWords], read_yaml(FILE), "codebook/places.yaml")


def _names(language: str, home: str, words: PlaceWords) -> set[str]:
    """The names of all countries but one's own, of their cities, peoples and languages."""
    locale = Locale.parse(language)
    codes = [str(code) for code in locale.territories]
    at_home = {home} if home else {code for code in codes if language in get_official_languages(code)}
    spoken = {language} | set(get_official_languages(home) if home else ())
    names = {name for code, name in locale.territories.items() if code not in at_home | _EVERYWHERE}
    for zone, code in get_global("zone_territories").items():
        if code not in at_home | _EVERYWHERE and "/" in zone:
            in_english = zone.rsplit("/", 1)[1].replace("_", " ")
            names.add(locale.time_zones.get(zone, {}).get("city", in_english))
    names |= words.of_countries(at_home)
    for code in set(codes) - at_home:
        for tongue in set(get_official_languages(code, de_facto=True)) - spoken:
            name = locale.languages.get(tongue, "")
            names |= {name, name.lower()} if language == "de" else {name}  # japanische Käufer
    return {name for name in names if _usable(name)}


def _usable(name: str) -> bool:
    if name[:1] >= _SPACED:
        return len(name) >= 2 and name.isalnum()
    return len(name) >= 4 and all(part.isalpha() for part in name.replace("-", " ").split())


def _stem(name: str) -> str:
    """A name without the last letters, which grammar changes; names of several words stay whole."""
    return name[: max(_STEM, len(name) - _LOST)] if name.isalpha() else name


def _goes_on(text: str, end: int, most: int) -> bool:
    """Whether more letters follow a name than an ending has."""
    rest = text[end : end + most + 1]
    return len(rest) > most and rest.isalpha()
