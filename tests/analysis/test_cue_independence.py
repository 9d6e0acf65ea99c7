"""What the cues say of the gold passages: a change of one measure's must not silently move another's decisions, and
words that speak against an offer must not be words of offers.

cues.lock.json holds, for each measure, a digest of what its cues alone say of each gold passage. When cues are changed
on purpose, `python tests/analysis/test_cue_independence.py` writes it anew, and the diff shows which measures moved.
"""

import hashlib
import json
from collections import Counter
from functools import cache
from pathlib import Path

from analysis.codebook import load_codebook
from analysis.cues import cue_finder
from analysis.gold import GoldPassage, read_passages
from analysis.measures import measures_by_cues
from analysis.page import page_from_text
from analysis.programmes import whole_page
from analysis.reading import Reading, read_page

FOLDER = Path(__file__).parent.parent / "gold"
LOCK = FOLDER / "cues.lock.json"
AGAINST = ("calls", "explains", "import_", "inward", "jobs", "news", "persons", "regulation", "tenders")
OFTEN = 10  # offers of one language with a word


@cache
def readings() -> list[tuple[GoldPassage, Reading]]:
    return [(p, read_page(page_from_text(p.text), cue_finder(p.language))) for p in read_passages(FOLDER)]


def by_measure() -> dict[str, str]:
    said: dict[str, list[str]] = {measure: [] for measure in load_codebook().measures}
    for passage, reading in readings():
        for measure, confidence in measures_by_cues(reading, [whole_page(reading)]).items():
            said[measure].append(f"{passage.language} {passage.text} {confidence}")
    return {measure: hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16] for measure, rows in said.items()}


def test_no_measure_moved_silently():
    locked = json.loads(LOCK.read_text(encoding="utf-8"))
    now = by_measure()
    moved = sorted(measure for measure in now if locked.get(measure) != now[measure])
    assert not moved, f"the cues of {', '.join(moved)} decide otherwise than before; meant so? run this file and commit"


def test_words_against_an_offer_are_no_words_of_offers():
    # a stem may be that of another word: 'Sprecher' and 'sprechen Sie uns an', 'declaró' and 'declaración'
    found: Counter[tuple[str, str, bool]] = Counter()
    for passage, reading in readings():
        hits = {hit.cue for hit in reading.cued.hits if hit.concept[0] == "context" and hit.concept[1] in AGAINST}
        found.update((passage.language, cue, passage.relevant) for cue in hits)
    traps = [
        f"{language}: {cue} ({count} offers)"
        for (language, cue, relevant), count in sorted(found.items())
        if relevant and count >= OFTEN and count > 2 * found[language, cue, False]
    ]
    assert not traps, f"{', '.join(traps)}: write the form itself ('=declaró') or more words"


if __name__ == "__main__":
    LOCK.write_text(json.dumps(by_measure(), indent=1) + "\n", encoding="utf-8")
