"""Items of lists that no cue shows."""

from analysis.coder import code_page
from analysis.cues import cue_finder
from analysis.items import MEANT, add_meant
from analysis.look import look
from analysis.model import load_model
from analysis.page import page_from_text
from analysis.reading import read_page

GRANT = """Small exporters may claim half of what they spend on winning customers abroad, up to 10,000 a year:
- exhibiting at trade shows
- compliance testing
- meals"""


def meant(text, language="en"):
    reading = read_page(page_from_text(text), cue_finder(language))
    add_meant(reading, look(reading, language, load_model()))
    hits = [hit for hits in reading.hits_of_block.values() for hit in hits if hit.cue == MEANT]
    return {(hit.concept[1], reading.page.text[hit.start : hit.end]) for hit in hits}


def test_an_item_is_taken_for_the_measure_that_it_means():
    assert meant(GRANT) == {("documentation", "compliance testing")}
    assert {"trade_fairs", "documentation"} <= {
        coding.measure for coding in code_page(page_from_text(GRANT), "en").measures
    }


def test_items_of_a_page_that_offers_nothing_to_exporters_mean_nothing():
    assert meant("Your laboratory at home\n- compliance testing\n- cleaning of instruments\n- opening hours") == set()


def test_what_is_not_covered_means_nothing():
    assert meant(GRANT + "\nNot covered:\n- legal advice on contracts") == {("documentation", "compliance testing")}
