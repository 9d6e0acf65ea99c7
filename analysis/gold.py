"""Gold passages: texts with the decisions of a careful coder, one a line, for training and for measuring the coder.

A line is `site | pair | measures | social | text`. Sites that tell alike stories in several languages carry one
number after '@'; without one a site has the number of its place in the file. `pair` joins near misses (nearly the
same words, another meaning); `measures` are joined by commas, '-' where the passage is not relevant; ' // ' in the
text begins a new line, and '# ' at the beginning of a line marks a heading. The file's name is the language (ISO
639-1). Items of lists stand in a folder of their own, see `read_items`.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.codebook import load_codebook
from common.errors import DataFileError

LINE_BREAK = " // "


@dataclass(frozen=True)
class GoldPassage:
    """A text and what a careful coder says of it."""

    id: str  # language, site and line
    language: str
    site: str  # an invented agency; passages of one site are never split between training and test
    fold: int  # number of the site: those of one number tell alike stories in all languages
    pair: str
    measures: tuple[str, ...]
    social: int
    text: str

    @property
    def relevant(self) -> bool:
        return bool(self.measures)

    def as_line(self) -> dict[str, Any]:
        """As a line of the input of `gap-audit evaluate`."""
        return {
            "id": self.id,
            "text": self.text,
            "lang": self.language,
            "site": self.site,
            "pair": self.pair,
            "relevant": self.relevant,
            "measures": list(self.measures),
            "social": self.social,
        }


@dataclass(frozen=True)
class GoldItem:
    """An item of a list, or a few words between two commas, and the measure that it names."""

    language: str
    measure: str  # '' where it names none
    text: str


def read_items(folder: Path) -> list[GoldItem]:
    """All items of a folder (`measure | text` a line, '-' for no measure), by file name and line; none without files.

    Raises DataFileError that names file and line when a line cannot be understood.
    """
    known = load_codebook().measures
    items = []
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            measure, _, text = (part.strip() for part in line.partition("|"))
            if not text or (measure != "-" and measure not in known):
                raise DataFileError(f"{path}: line {number}: must be 'measure | text', the measure one of the codebook")
            items.append(GoldItem(path.stem, measure.strip("-"), text))
    return items


def read_passages(folder: Path) -> list[GoldPassage]:
    """All passages of a folder, by file name and line.

    Raises DataFileError that names file and line when a line cannot be understood or the folder holds none.
    """
    known = load_codebook().measures
    passages: list[GoldPassage] = []
    for path in sorted(folder.glob("*.txt")):
        folds: dict[str, int] = {}
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            where = f"{path}: line {number}"
            fields = [part.strip() for part in line.split("|", 4)]
            if len(fields) < 5 or not fields[0] or not fields[4]:
                raise DataFileError(f"{where}: must be 'site | pair | measures | social | text'")
            site, pair, codes, social, text = fields
            site, _, shared = site.partition("@")
            if shared and not shared.isdigit():
                raise DataFileError(f"{where}: site: what follows '@' must be a number, not {shared!r}")
            measures = tuple(code.strip() for code in codes.split(",") if code.strip() not in ("", "-"))
            for measure in measures:
                if measure not in known:
                    raise DataFileError(f"{where}: measures: {measure!r} is not in the codebook")
            if social not in ("0", "1", "2", "3", "4"):
                raise DataFileError(f"{where}: social: must be a level from 0 to 4, not {social!r}")
            place = folds.setdefault(site, len(folds))
            fold = int(shared) if shared else place
            passages.append(
                GoldPassage(
                    f"{path.stem}-{site}-{number}",
                    path.stem,
                    site,
                    fold,
                    f"{path.stem}-{pair}" if pair else "",
                    measures,
                    int(social),
                    text.replace(LINE_BREAK, "\n"),
                )
            )
    if not passages:
        raise DataFileError(f"{folder}: holds no gold passages (*.txt)")
    return passages
