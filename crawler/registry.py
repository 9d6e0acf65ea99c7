"""The registry of agencies: YAML files, one a country, checked when they are loaded."""

from collections.abc import Iterable
from pathlib import Path

from common.errors import DataFileError, RegistryError
from common.frame import Agency
from common.regions import regions_of
from common.yamlfile import checked, read_yaml

AGENCIES_FOLDER = Path(__file__).parent / "agencies"


def load_registry(path: Path = AGENCIES_FOLDER) -> list[Agency]:
    """The agencies of one YAML file, or of all `*.yaml` in a folder, in the order of file and entry.

    Raises RegistryError that names file, entry and field when anything in it is wrong.
    """
    if path.is_dir():
        files = sorted(path.glob("*.yaml"))
        if not files:
            raise RegistryError(f"{path}: holds no .yaml file")
    else:
        files = [path]
    agencies: list[Agency] = []
    owners: dict[str, str] = {}  # id or site -> where it was first seen
    for file in files:
        shown = _shown(file)
        for number, entry in enumerate(_entries(file, shown), 1):
            name = entry.get("id", "no id") if isinstance(entry, dict) else "not a mapping"
            where = f"{shown}: entry {number} ({name})"
            try:
                agency = checked(Agency, entry, where)
            except DataFileError as error:
                raise RegistryError(str(error)) from None
            for key, field in [(agency.id, "id"), *((site, "hosts") for site in agency.sites)]:
                if key in owners:
                    raise RegistryError(f"{where}: {field}: {key!r} is already taken by {owners[key]}")
                owners[key] = where
            agencies.append(agency)
    return agencies


def _shown(file: Path) -> str:
    """Files of the package by their place in it, others as given."""
    return f"crawler/agencies/{file.name}" if file.parent == AGENCIES_FOLDER else str(file)


def _entries(file: Path, shown: str) -> list[object]:
    try:
        value = read_yaml(file)
    except DataFileError as error:
        raise RegistryError(str(error)) from None
    if not isinstance(value, list) or not value:
        raise RegistryError(f"{shown}: must be a list of agencies (each entry begins with '- id:')")
    return value


def select(
    agencies: Iterable[Agency],
    countries: Iterable[str] = (),
    ids: Iterable[str] = (),
    regions: Iterable[str] = (),
    kinds: Iterable[str] = (),
    languages: Iterable[str] = (),
) -> list[Agency]:
    """The agencies that fit: any of the values of a filter, and all filters that are not empty.

    Raises RegistryError for a country or id that no agency has.
    """
    agencies = list(agencies)
    wanted = {country.upper() for country in countries}
    known = {agency.country for agency in agencies}
    for country in sorted(wanted - known):
        raise RegistryError(f"country {country!r}: the registry has no agency there ({len(known)} countries)")
    wanted_ids = set(ids)
    for identity in sorted(wanted_ids - {agency.id for agency in agencies}):
        raise RegistryError(f"agency {identity!r}: not in the registry; see 'gap-audit agencies list'")
    region_words = {region.casefold() for region in regions}
    kinds, languages = set(kinds), set(languages)
    chosen = [
        agency
        for agency in agencies
        if (not wanted or agency.country in wanted)
        and (not wanted_ids or agency.id in wanted_ids)
        and (not kinds or agency.kind in kinds)
        and (not languages or languages & set(agency.languages))
        and (not region_words or region_words & {r.casefold() for r in regions_of(agency.country)})
    ]
    return chosen
