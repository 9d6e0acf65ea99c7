"""Which pages are about help for exporters, and which only speak of it."""

import pytest

from analysis.coder import code_page
from analysis.cues import cue_finder
from analysis.joining import UNSURE
from analysis.page import page_from_text
from analysis.reading import read_page
from analysis.relevance import against

REPORTS = {
    "en": "Exports rose by 4 per cent compared with last year, the minister said. According to a survey, small firms "
    "fear customs. The trade fair programme was criticised by the auditor general.",
    "de": "Die Ausfuhren sind gegenüber dem Vorjahr gestiegen, sagte die Ministerin. Der Verband warnt vor der Kürzung "
    "der Messeförderung im Ausland, die der Bundestag gestrichen hat.",
    "fr": "Votre rapporteur constate que les exportations ont progressé. Le sénateur regrette que les crédits du "
    "budget des salons à l'étranger soient en baisse, a déclaré le ministre.",
    "sv": "Riksrevisionen har granskat exportfrämjandet. Rapporten visar att delegationsresorna "
    "har ökat, säger ministern.",
    "pl": "Minister powiedział, że eksport wzrósł w porównaniu z rokiem ubiegłym. Z badań wynika, dodał, że targi "
    "zagraniczne są drogie.",
    "zh": "统计局数据显示,出口同比增长。部长表示,参加境外展会的企业增加,记者报道。",
}


@pytest.mark.parametrize("language", REPORTS)
def test_a_report_is_no_offer(language):
    page = page_from_text(REPORTS[language])
    assert not code_page(page, language).relevant
    assert against(read_page(page, cue_finder(language)), "") <= -2.5


def test_news_of_a_programme_with_an_offer_is_relevant():
    text = (
        "Stand grants reopen\nFood producers can get half of their costs back when they exhibit at trade fairs abroad, "
        "the trade office said on Monday. Exporters can apply until 30 June."
    )
    assert code_page(page_from_text(text), "en").relevant


def test_a_textbook_is_no_offer_or_goes_to_a_person():
    text = (
        "Exporting can be direct or indirect. In indirect exporting a trading house buys the goods and takes over "
        "shipping, documents and the risk of not being paid. In direct exporting the producer "
        "deals with foreign distributors himself."
    )
    coding = code_page(page_from_text(text), "en")
    assert not coding.relevant or coding.unsure
    assert coding.relevance < UNSURE[1]


@pytest.mark.parametrize(
    ("language", "offer", "demand"),
    [
        ("fr", "Appel à candidatures : salon à Tokyo.", "La chambre appelle à soutenir les exportateurs."),
        ("en", "For firms that intend to export.", "The chamber calls on the government to help exporters."),
        ("es", "Certificados que exige el mercado de destino.", "La patronal exige al gobierno más ayudas."),
        ("da", "Vi betaler de prøver, som landet kræver.", "Foreningen kræver at regeringen hjælper."),
        ("sv", "Vi betalar de prov som landet kräver.", "Föreningen kräver att regeringen hjälper."),
        ("nl", "De keuring die het land eist.", "De vereniging eist dat de minister helpt."),
    ],
)
def test_what_is_demanded_of_a_government_is_no_offer_and_a_call_for_applications_no_demand(language, offer, demand):
    def negated(text: str) -> bool:
        return bool(read_page(page_from_text(text), cue_finder(language)).negated_sentences)

    assert negated(demand)
    assert not negated(offer)


CITIZENS = {
    "en": "Moving abroad? Hand in your birth certificate and passport; we help you with the form. Your pension is paid "
    "in any country, and the office for emigrants advises you free of charge.",
    "de": "Sie ziehen ins Ausland? Legen Sie Geburtsurkunde und Reisepass vor; wir helfen beim Formular. Die Rente "
    "wird in jedem Land gezahlt, und die Stelle für Auswanderer berät Sie kostenlos.",
    "fr": "Vous partez à l'étranger ? Présentez l'acte de naissance et le passeport ; nous vous aidons à remplir le "
    "formulaire. La retraite est versée dans tous les pays et le bureau des émigrés vous conseille gratuitement.",
    "ja": "海外へ移る方は戸籍と旅券をお持ちください。書類の書き方をお手伝いします。"
    "年金はどの国でも受け取れます。無料で相談に応じます。",
}


@pytest.mark.parametrize("language", CITIZENS)
def test_what_a_government_does_for_citizens_is_no_help_for_exporters(language):
    page = page_from_text(CITIZENS[language])
    assert not code_page(page, language).relevant
    assert against(read_page(page, cue_finder(language)), "") <= -4.5


def test_a_mission_may_ask_for_a_passport():
    text = (
        "Trade mission to Ghana\nTen exporters travel with us in May; we arrange eight meetings with buyers for "
        "each of you and help with the visa. Your passport has to be valid until November."
    )
    page = page_from_text(text)
    assert "trade_visits" in {coding.measure for coding in code_page(page, "en").measures}
    assert against(read_page(page, cue_finder("en")), "") > -1


AT_HOME = {
    "it": "Il voucher paga metà dei corsi di vendita e di contabilità alle imprese lombarde. Può chiederlo chi ha "
    "meno di cinquanta dipendenti. Un consulente prepara con voi il piano e lo sportello risponde al telefono. "
    "Le domande si presentano dal 3 maggio sul portale della Regione, fino a esaurimento dei fondi.",
    "de": "Zuschuss für kleine Betriebe im Land: Kassensysteme, Webseite und Beratung, bis 8.000 Euro. Ein Berater "
    "der Kammer kommt zu Ihnen, sieht sich den Betrieb an und stellt mit Ihnen den Antrag. Die Hälfte der Rechnung "
    "bekommen Sie zurück, sobald die neue Kasse läuft. Anträge nimmt die Förderbank das ganze Jahr an.",
    "pt": "A câmara oferece um curso de redes sociais às lojas do bairro, vinte horas, gratuito. Uma formadora visita "
    "cada loja, ajuda a fazer fotografias e escreve com a dona o primeiro anúncio. No fim há um certificado e um "
    "lugar na feira da vila. Inscrições até sexta, para empresas com menos de dez trabalhadores.",
    "ko": "도내 소상공인에게 온라인 판매 교육과 상세페이지 제작 비용을 지원합니다. 전문가가 점포를 방문해 사진을 찍고 "
    "문구를 함께 씁니다. 업체당 200만 원까지이며 접수는 도청 누리집에서 선착순으로 받습니다.",
}


@pytest.mark.parametrize("language", AT_HOME)
def test_without_a_word_of_other_countries_nothing_shows_that_help_is_for_exporters(language):
    assert code_page(page_from_text(AT_HOME[language]), language).relevance == 0.0


def test_a_country_where_the_same_language_is_spoken_may_be_another_one():
    text = (
        "Launchpad Toronto: a desk, a local phone and coaching, twelve weeks, for firms that want to sell there. "
        "A resident manager introduces you to banks, an accountant and three possible partners. We pay 80 per cent. "
        "Firms apply with a short plan; a jury of experienced managers decides each month."
    )
    assert 0.0 < code_page(page_from_text(text), "en").relevance < 0.7  # a person looks at it
    assert code_page(page_from_text(text), "en", home="CA").relevance == 0.0
