"""Items of lists and sentences that no cue shows."""

from analysis.coder import code_page
from analysis.cues import cue_finder
from analysis.items import MEANT, add_meant
from analysis.look import look
from analysis.model import load_model
from analysis.page import page_from_text
from analysis.reading import read_page

TESTS = "tests that a foreign authority asks for"  # no cue tells it
GRANT = f"""Small exporters may claim half of what they spend on winning customers abroad, up to 10,000 a year:
- exhibiting at trade shows
- {TESTS}
- meals"""


def meant(text, language="en"):
    reading = read_page(page_from_text(text), cue_finder(language))
    add_meant(reading, look(reading, language, load_model()))
    hits = [hit for hits in reading.hits_of_block.values() for hit in hits if hit.cue == MEANT]
    return {(hit.concept[1], reading.page.text[hit.start : hit.end]) for hit in hits}


def test_an_item_is_taken_for_the_measure_that_it_means():
    assert meant(GRANT) == {("documentation", TESTS)}
    assert {"trade_fairs", "documentation"} <= {
        coding.measure for coding in code_page(page_from_text(GRANT), "en").measures
    }


def test_items_of_a_page_that_offers_nothing_to_exporters_mean_nothing():
    assert meant(f"The laboratory of the town's hospital\n- {TESTS}\n- cleaning\n- opening hours") == set()


def test_what_is_not_covered_means_nothing():
    assert meant(GRANT + "\nNot covered:\n- legal advice on contracts") == {("documentation", TESTS)}


def test_a_list_in_which_no_item_has_a_cue_is_read_by_its_meaning_too():
    text = "Export voucher: what firms that sell abroad may spend it on\n- one return fare to a new country\n- salaries"
    assert {measure for measure, _ in meant(text)} == {"trade_visits"}


def test_what_a_sentence_counts_up_is_read_piece_by_piece():
    text = (
        "The voucher helps small firms to sell abroad. It pays for desk studies of the target country, "
        "filing a mark in other countries, brochures in a foreign language and a shared booth at an expo abroad."
    )
    measures = {coding.measure for coding in code_page(page_from_text(text), "en").measures}
    assert {"legal_ip", "promotion"} <= measures


def test_what_a_country_is_good_at_is_no_offer():
    text = (
        "Selling to Nordia\nNordia is a market for exporters with\n- a strategic location\n- a skilled workforce\n"
        "- excellent transport networks\n- similar regulations and laws"
    )
    assert meant(text) == set()


def test_a_word_of_two_letters_counts_where_it_hints_and_means_the_same():
    text = (
        "수출기업은 바우처로 필요한 서비스를 골라 지원받습니다. "
        "디자인개발, 홍보, 해외인증, 국제운송, 바이어 발굴이 있습니다."
    )
    assert ("promotion", "홍보") in meant(text, "ko")


def test_what_is_asked_of_firms_is_not_given_to_them():
    asked = "\nWho can apply\n- firms whose tests for a foreign authority are done\n- owners of a registered trade mark"
    assert meant(f"{GRANT}{asked}") == meant(GRANT)
