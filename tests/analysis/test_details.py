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


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Exporters may claim two thirds of flights to visit buyers abroad. An export plan and a website in English "
            "are required.",
        ),
        ("de", "Exporteure erhalten zwei Drittel der Reise zu Käufern im Ausland. Ein Exportplan ist vorzulegen."),
        ("fr", "Les exportateurs reçoivent deux tiers du voyage de prospection à l'étranger. Joindre le plan export."),
        ("ja", "海外のバイヤーを訪ねる渡航費の3分の2を輸出企業に補助します。輸出計画を添付してください。"),
    ],
)
def test_what_a_firm_is_asked_to_have_is_not_offered(language, text):
    assert not coded(text, language) & {"readiness_audit", "digital"}


def test_a_plan_that_is_drawn_up_with_the_firm_is_offered():
    assert "readiness_audit" in coded("Our advisers draw up an export plan with you. Small exporters pay nothing.")


def test_a_list_that_names_many_other_measures_counts_up_the_costs_of_many():
    text = (
        "支持企业参加境外展览会等活动,开拓国际市场。资金支持内容包括:境外展览会;境外专利申请;国际市场宣传推介;"
        "电子商务;企业培训。"
    )
    assert coded(text, "zh") >= {"trade_fairs", "legal_ip", "promotion", "digital", "training"}


def test_meetings_beside_a_fair_leave_its_freight_a_detail_of_it():
    text = "海外で開催される見本市や商談会へ出展する中小企業を支援します。\n対象費用: 会場費、輸送費、広報・宣伝活動費"
    assert not coded(text, "ja") & {"logistics", "promotion"}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "# Partner search abroad\nOur offices study the market for you: demand, prices and competitors in the "
            "country you choose. You get a written market report, then a list of distributors who want to meet you.",
        ),
        (
            "ko",
            "해외지사화 사업 참여기업 모집\n현지 직원이 한 해 동안 수출기업의 지사 노릇을 합니다. "
            "목표 시장의 수요와 가격을 알아보는 시장조사, 바이어 발굴을 지원합니다.",
        ),
    ],
)
def test_a_study_that_is_plainly_told_beside_a_search_for_partners_is_no_detail_of_it(language, text):
    assert coded(text, language) >= {"distributor_search", "market_research"}
