"""A change of one measure's cues must not silently move another's decisions on the gold passages.

cues.lock.json holds, for each measure, a digest of what its cues alone say of each gold passage. When cues are changed
on purpose, `python tests/analysis/test_cue_independence.py` writes it anew, and the diff shows which measures moved.
"""

import hashlib
import json
from pathlib import Path

from analysis.codebook import load_codebook
from analysis.cues import cue_finder
from analysis.gold import read_passages
from analysis.measures import measures_by_cues
from analysis.page import page_from_text
from analysis.programmes import whole_page
from analysis.reading import read_page

FOLDER = Path(__file__).parent.parent / "gold"
LOCK = FOLDER / "cues.lock.json"


def by_measure() -> dict[str, str]:
    said: dict[str, list[str]] = {measure: [] for measure in load_codebook().measures}
    for passage in read_passages(FOLDER):
        reading = read_page(page_from_text(passage.text), cue_finder(passage.language))
        for measure, confidence in measures_by_cues(reading, [whole_page(reading)]).items():
            said[measure].append(f"{passage.language} {passage.text} {confidence}")
    return {measure: hashlib.sha256("\n".join(rows).encode()).hexdigest()[:16] for measure, rows in said.items()}


def test_no_measure_moved_silently():
    locked = json.loads(LOCK.read_text(encoding="utf-8"))
    now = by_measure()
    moved = sorted(measure for measure in now if locked.get(measure) != now[measure])
    assert not moved, f"the cues of {', '.join(moved)} decide otherwise than before; meant so? run this file and commit"


if __name__ == "__main__":
    LOCK.write_text(json.dumps(by_measure(), indent=1) + "\n", encoding="utf-8")
