import pytest

from analysis.coder import code_page
from analysis.page import page_from_text
from analysis.places import foreign_places


@pytest.mark.parametrize(
    ("language", "text", "found"),
    [
        ("en", "Vietnamese buyers, and the Policies of the Jordan family", True),
        ("de", "Zwanzig Einkäufer koreanischer Kaufhäuser", True),
        ("pl", "Wyjazd do Wietnamu i spotkania z kupcami", True),
        ("es", "doce compradores de Polonia", True),
        ("fr", "la rencontre d'acheteurs coréens", True),
        ("ko", "베트남 시장", True),
        ("ja", "タイの見本市", True),
        ("zh", "打動越南買家", True),
        ("ar", "معرض في اليابان", True),
        ("tr", "Japonya'da bir fuar", True),
        ("ko", "하노이 거점 입주 기업", True),
        ("pl", "targi w Mediolanie", True),
        ("sv", "Hannovermässan", True),
        ("fr", "trois acheteurs mexicains", True),
        ("sv", "en tysk köpare vill träffa er", True),
        ("it", "vendete a credito a un cliente indiano", True),
        ("es", "compradoras suizas", True),
        ("de", "Händler aus den Beneluxstaaten", True),
        ("de", "Außenstelle im Baltikum", True),
        ("de", "Messe in München", False),
        ("en", "Polish your website and wake up your customers", False),
        ("ko", "모든 수단을 다하여 소상공인을 지원", False),
        ("fr", "Notre équipe vous reçoit en mairie", False),
        ("nl", "Subsidie voor zonnepanelen op uw dak", False),
    ],
)
def test_names_of_other_countries_are_found_in_any_inflection(language: str, text: str, found: bool) -> None:
    assert bool(foreign_places(text, language)) is found


def test_ones_own_country_is_no_other_country() -> None:
    text = "Firms from all over Kenya meet in Nairobi."
    assert foreign_places(text, "en", "IE")
    assert not foreign_places(text, "en", "KE")
    assert not foreign_places(text, "en")  # English is an official language of Kenya


@pytest.mark.parametrize(
    ("language", "home", "abroad"),
    [
        ("en", "A loan of up to 50,000 for working capital. Small firms apply at our branch in town.", "in Japan"),
        ("ko", "중소기업의 경영 안정을 위해 융자를 지원합니다. 업체당 최대 2억원 한도.", "수출"),
    ],
)
def test_help_for_firms_at_home_is_not_relevant(language: str, home: str, abroad: str) -> None:
    assert not code_page(page_from_text(home), language).relevant
    assert code_page(page_from_text(home), language).relevance == 0.0
    assert code_page(page_from_text(f"{home} {abroad}"), language).relevance > 0.0
