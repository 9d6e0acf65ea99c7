"""The codebook: what is coded, and by which words. All of it is YAML in this folder, checked when it is loaded."""

import hashlib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from common.errors import DataFileError
from common.yamlfile import checked, read_yaml

FOLDER = Path(__file__).parent
WRITINGS = ("words", "characters")
FALLBACK_MEASURE = "advice"  # coded when nothing more specific is offered


@dataclass(frozen=True)
class Cues:
    """The words of one measure in one language; how they are written is in docs/add-a-language.md."""

    strong: list[str] = field(default_factory=list)  # decide on their own
    weak: list[str] = field(default_factory=list)  # decide in a name, or together
    fallback: list[str] = field(default_factory=list)  # count only where no other measure is found
    not_: list[str] = field(default_factory=list)  # near misses: what they cover counts for nothing

    @classmethod
    def read(cls, value: dict[str, list[str]], source: str) -> "Cues":
        """From YAML, where the last key is written 'not'."""
        renamed = {("not_" if key == "not" else key): words for key, words in value.items()}
        return checked(cls, renamed, source)


@dataclass(frozen=True)
class Measure:
    """One support measure of the codebook."""

    id: str
    order: int
    label: str
    definition: str
    include: list[str]
    exclude: list[str]
    examples: list[str]
    near_misses: list[str]
    barriers: list[str]
    details: list[str] = field(default_factory=list)  # measures that are usually a part of this one
    costs: list[str] = field(default_factory=list)  # those that are, where no cue but only the meaning of an item tells
    foreign: bool = False  # its cues speak of foreign trade by themselves
    owned: bool = False  # firms may be asked to have it: an export plan, a website, a trade mark
    cues: dict[str, dict[str, list[str]]] = field(default_factory=dict)  # more cues, by language


@dataclass(frozen=True)
class Barrier:
    """One barrier to exporting and how social media could lower it."""

    id: str
    heading: str
    label: str
    sources: list[str]
    social_media: str


@dataclass(frozen=True)
class Platform:
    """A platform of social media."""

    name: str
    hosts: list[str]
    also: list[str] = field(default_factory=list)
    exact: bool = False


@dataclass(frozen=True)
class Level:
    """A level of social media in a programme."""

    level: int
    label: str
    meaning: str


@dataclass(frozen=True)
class SocialWords:
    """Words about social media in one language."""

    words: list[str]  # social media itself
    not_: list[str]  # what only sounds like it
    given: list[str]  # signs that the firm gets it: training, campaigns, costs
    publicity: list[str]  # signs of the agency's own publicity
    boilerplate: list[str]  # follow us, share this


@dataclass(frozen=True)
class ContextWords:
    """Words that tell what a page is about."""

    export: list[str]  # selling abroad
    not_export: list[str]  # what only sounds like it: data are exported to a file
    abroad: list[str]  # foreign countries, markets and traders; in numbers they tell the same
    offer: list[str]
    regulation: list[str]
    import_: list[str]
    inward: list[str]  # investors and tourists from abroad
    jobs: list[str]
    tenders: list[str]  # somebody seeks a supplier
    news: list[str]
    domestic: list[str]  # customers at home, not abroad
    calls: list[str]  # somebody demands measures; nobody offers them
    explains: list[str]  # a text defines or discusses, as textbooks, articles and theses do
    persons: list[str]  # what private persons and farmers ask a government for, and exporters hardly do


@dataclass(frozen=True)
class StructureWords:
    """Words of headings and sentences that tell how a page is built."""

    facets: list[str]  # headings within a programme, not names of programmes
    gives: list[str]  # headings and lead-ins of what the firm gets
    steps: list[str]  # 'phase 1', 'month 2'
    excluded: list[str]  # what follows is not covered
    conditions: list[str]  # what follows is asked of firms that apply, not given to them
    asks: list[str]  # the sentence asks something of firms
    negated: list[str]  # the sentence says that something is not offered
    pointers: list[str]  # what follows is offered by others
    closed: list[str]  # the programme is closed for now


@dataclass(frozen=True)
class Language:
    """Everything the coder knows of one language."""

    language: str
    name: str
    stemmer: str  # of PyStemmer, '' for none
    writing: str  # 'words', or 'characters' where words are not set apart or take endings of every kind
    joins: list[str]  # 'and', 'or'
    measures: dict[str, Cues]
    social: SocialWords
    context: ContextWords
    structure: StructureWords
    audience: dict[str, list[str]]
    instruments: dict[str, list[str]]
    barriers: dict[str, list[str]]  # words with which a text names a barrier


@dataclass(frozen=True)
class Codebook:
    """The whole codebook."""

    version: str
    digest: str  # of all its files, so that results say exactly what coded them
    measures: dict[str, Measure]  # in the order of the reports
    barriers: dict[str, Barrier]
    levels: list[Level]
    audiences: list[str]
    instruments: list[str]
    headings: dict[str, str]
    platforms: list[Platform]
    languages: dict[str, Language]

    def level_label(self, level: int) -> str:
        return self.levels[level].label

    def barriers_of(self, measures: list[str]) -> list[str]:
        """The barriers that measures lower, in the order of the codebook."""
        lowered = {barrier for measure in measures for barrier in self.measures[measure].barriers}
        return [barrier for barrier in self.barriers if barrier in lowered]


@cache
def load_codebook(folder: Path = FOLDER) -> Codebook:
    """Load and check the codebook.

    Raises DataFileError that names file, entry and field when something in it is wrong.
    """
    main = read_yaml(folder / "codebook.yaml")
    barriers = checked(list[Barrier], read_yaml(folder / "barriers.yaml"), "barriers.yaml")
    measures = sorted(
        (checked(Measure, read_yaml(path), path.name) for path in sorted(folder.glob("measures/*.yaml"))),
        key=lambda measure: measure.order,
    )
    barrier_ids = {barrier.id for barrier in barriers}
    for measure in measures:
        for barrier in measure.barriers:
            if barrier not in barrier_ids:
                raise DataFileError(f"measures/{measure.id}.yaml: barriers: {barrier!r} is not in barriers.yaml")
    for entry in barriers:
        if entry.heading not in main["headings"]:
            raise DataFileError(f"barriers.yaml: {entry.id}: heading: {entry.heading!r} is not in codebook.yaml")
    codebook = Codebook(
        version=main["version"],
        digest=_digest(folder),
        measures={measure.id: measure for measure in measures},
        barriers={barrier.id: barrier for barrier in barriers},
        levels=checked(list[Level], main["levels"], "codebook.yaml: levels"),
        audiences=main["audiences"],
        instruments=main["instruments"],
        headings=main["headings"],
        platforms=checked(list[Platform], read_yaml(folder / "platforms.yaml"), "platforms.yaml"),
        languages={},
    )
    for path in sorted(folder.glob("languages/*.yaml")):
        language = _read_language(path, codebook)
        codebook.languages[language.language] = language
    return codebook


def _read_language(path: Path, codebook: Codebook) -> Language:
    value = read_yaml(path)
    where = f"languages/{path.name}"
    if not isinstance(value, dict):
        raise DataFileError(f"{where}: must be a mapping (language, name, stemmer, measures, ...)")
    sections = {key: value.get(key, {}) for key in ("measures", "social", "context", "structure")}
    for key, kind in (("social", "not"), ("context", "import")):
        sections[key] = {(f"{k}_" if k == kind else k): words for k, words in sections[key].items()}
    measures = {name: Cues.read(cues, f"{where}: measures: {name}") for name, cues in sections["measures"].items()}
    for section, known in (
        ("measures", codebook.measures),
        ("audience", codebook.audiences),
        ("instruments", codebook.instruments),
        ("barriers", codebook.barriers),
    ):
        for name in value.get(section) or {}:
            if name not in known:
                raise DataFileError(f"{where}: {section}: {name!r} is not in the codebook")
    if value.get("writing") not in WRITINGS:
        raise DataFileError(f"{where}: writing: must be one of {', '.join(WRITINGS)}")
    for measure in codebook.measures.values():
        extra = measure.cues.get(value["language"])
        if extra:
            measures[measure.id] = Cues.read(extra, f"measures/{measure.id}.yaml: cues: {value['language']}")
    language = Language(
        language=value["language"],
        name=value["name"],
        stemmer=value["stemmer"],
        writing=value["writing"],
        joins=checked(list[str], value.get("joins"), f"{where}: joins"),
        measures=measures,
        social=checked(SocialWords, sections["social"], f"{where}: social"),
        context=checked(ContextWords, sections["context"], f"{where}: context"),
        structure=checked(StructureWords, sections["structure"], f"{where}: structure"),
        audience=checked(dict[str, list[str]], value.get("audience", {}), f"{where}: audience"),
        instruments=checked(dict[str, list[str]], value.get("instruments", {}), f"{where}: instruments"),
        barriers=checked(dict[str, list[str]], value.get("barriers") or {}, f"{where}: barriers"),
    )
    missing = [measure for measure in codebook.measures if measure not in measures]
    if missing:
        raise DataFileError(f"{where}: measures: no cues for {', '.join(missing)}")
    return language


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.yaml")):
        digest.update(path.relative_to(folder).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
