"""What is only a detail or a topic of another measure, and what stays beside it."""

import pytest

from analysis.coder import code_page
from analysis.page import page_from_text


def coded(text, language="en"):
    coding = code_page(page_from_text(text), language)
    assert coding.relevant
    return {measure.measure for programme in coding.programmes for measure in programme.measures}


def test_what_stands_in_one_clause_with_another_measure_is_its_detail():
    text = "We pay half of the cost of trade missions abroad with meetings with importers for exporters."
    assert coded(text) == {"trade_visits"}


def test_what_is_counted_up_beside_it_is_not():
    text = "We pay half of the cost of trade missions abroad, meetings with importers, and export plans for exporters."
    assert coded(text) == {"trade_visits", "distributor_search", "readiness_audit"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Grant for trade fairs abroad\nExporters get half the rent of a stand and of the freight of samples.",
        ),
        ("es", "Participación en ferias internacionales: alquiler del espacio, transporte de muestras. Ayuda a pymes."),
        ("ja", "海外で開催される見本市へ出展する市内の中小企業を支援します。対象費用は会場費と輸送費です。"),
    ],
)
def test_the_freight_of_a_stand_is_a_detail_of_the_fair(language, text):
    assert coded(text, language) == {"trade_fairs"}


def test_a_course_by_its_first_words_is_one_with_all_that_it_teaches():
    text = "Webinars on Incoterms, letters of credit and rules of origin for exporters. Register for all six evenings."
    assert coded(text) == {"training"}


def test_a_calendar_of_several_offers_is_no_course():
    text = "What we offer exporters\n- Workshop on customs\n- Trade mission to Brazil\n- Stand at a trade fair abroad"
    assert coded(text) >= {"trade_visits", "trade_fairs", "training"}


def test_measures_of_a_list_are_no_details_of_its_first_item():
    text = (
        "The grant helps small firms to sell abroad. It pays for:\n- foreign trade missions\n"
        "- design of marketing materials for export\n- training courses for exporters"
    )
    assert coded(text) >= {"trade_visits", "promotion", "training"}


def test_what_is_counted_up_after_a_colon_behind_a_course_is_its_content():
    assert coded("Courses in foreign trade: delivery terms, payment, contracts. For new exporters.") == {"training"}
