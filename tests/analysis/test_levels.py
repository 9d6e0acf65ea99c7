import pytest

from analysis.coder import code_page
from analysis.coding import SocialLevel
from analysis.cues import cue_finder
from analysis.levels import final_level
from analysis.look import Learned, Piece
from analysis.model import GIVEN, OFFER, PURPOSE, load_model
from analysis.page import page_from_text
from analysis.programmes import whole_page
from analysis.reading import read_page

PROGRAMME = "A programme for exporters. You get a stand abroad and pictures of it on LinkedIn."
COURSE = "# Social media for exporters\nA course in LinkedIn and Instagram: learn to run campaigns for buyers abroad."


def level(text, relevance=0.95, **seen):
    """The level of a text of which the trained part is made to see an offer, social media given, or as the purpose."""
    reading = read_page(page_from_text(text), cue_finder("en"))
    model = load_model()
    blocks = tuple(range(len(reading.page.blocks)))
    probability = dict.fromkeys(model.labels, 0.02) | {
        {"offer": OFFER, "given": GIVEN, "purpose": PURPOSE}[k]: p for k, p in seen.items()
    }
    learned = Learned(model, "en", (Piece(blocks, probability),))
    return final_level(reading, whole_page(reading), learned, relevance)


def test_what_the_vectors_see_raises_and_lowers_what_the_cues_say():
    assert level(COURSE, offer=0.98, given=0.98, purpose=0.98).level == SocialLevel.DEDICATED
    assert level(COURSE, offer=0.02, given=0.02, purpose=0.02).level == SocialLevel.MENTION
    assert level(PROGRAMME, offer=0.98, given=0.02).level == SocialLevel.MENTION


def test_without_a_sentence_that_names_social_media_nothing_raises_the_level():
    text = "A programme for exporters. You get a stand at a fair abroad."
    assert level(text, offer=0.98, given=0.98, purpose=0.98).level == SocialLevel.NONE


def test_a_page_that_may_not_help_exporters_gives_no_level_3():
    assert level(COURSE, relevance=0.5, offer=0.9, given=0.9, purpose=0.9).level == SocialLevel.MENTION


def test_the_confidence_falls_where_neither_is_plain():
    plain, doubtful = (
        level(COURSE, offer=0.98, given=0.98, purpose=0.98),
        level(COURSE, offer=0.9, given=0.4, purpose=0.4),
    )
    assert plain.confidence > 0.8 > doubtful.confidence


def test_a_piece_elsewhere_on_the_page_says_nothing_of_a_sentence():
    text = "# Fairs abroad\nA stand for exporters at half the price.\nPictures of it will be on our LinkedIn page."
    reading = read_page(page_from_text(text), cue_finder("en"))
    model = load_model()
    away = Piece((1,), dict.fromkeys(model.labels, 0.98))
    assert final_level(reading, whole_page(reading), Learned(model, "en", (away,)), 0.95).level == SocialLevel.MENTION


def test_a_sentence_far_down_a_long_page_is_looked_at_by_itself():
    course = "Module 9: win buyers in other countries on LinkedIn and Instagram, with a budget for adverts."
    other = "Exporters learn how to set prices, to choose terms of delivery and to get paid by customers abroad."
    text = "# Export academy for small firms\n" + "\n\n".join([*[other] * 30, course, *[other] * 5])
    assert code_page(page_from_text(text), "en").social.level == SocialLevel.COMPONENT


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Selling to Norway: a free webinar for new exporters. The recording goes to our YouTube channel.",
        ),
        (
            "de",
            "Gemeinschaftsstand in Oslo für Exporteure, 2.000 Euro. Wir berichten darüber auf unserer LinkedIn-Seite.",
        ),
        (
            "fr",
            "Mission en Norvège pour exportateurs : six rendez-vous. Les photos iront sur notre page Facebook.",
        ),
        ("ja", "輸出する会社のための無料ウェビナー「ノルウェーに売る」。録画は当会のYouTubeチャンネルで公開します。"),
    ],
)
def test_an_agency_that_shows_itself_on_social_media_gives_none_to_the_firm(language, text):
    coding = code_page(page_from_text(text), language)
    assert coding.relevant
    assert coding.social.level <= SocialLevel.MENTION


@pytest.mark.parametrize(
    ("language", "text"),
    [
        (
            "en",
            "Reach buyers in Norway on Instagram: four evenings for small exporters, with a coach and adverts.",
        ),
        ("es", "Vender en Noruega con TikTok: taller para pymes exportadoras, con tutor y presupuesto para anuncios."),
        ("ko", "인스타그램으로 노르웨이 바이어 찾기: 수출 중소기업을 위한 4회 교육, 광고비 지원."),
    ],
)
def test_a_course_in_reaching_customers_abroad_by_social_media_is_dedicated(language, text):
    assert code_page(page_from_text(text), language).social.level == SocialLevel.DEDICATED


def test_what_is_counted_up_with_many_other_things_is_no_purpose():
    alone = "Grant for exporters. It pays for Instagram advertisements abroad."
    among = "Grant for exporters. It pays for stands, translation, samples, patents, a study and Instagram posts."
    listed = "Grant for exporters. It pays for:\n- a stand abroad\n- samples\n- patents\n- posts on Instagram"
    seen = {"offer": 0.95, "given": 0.95, "purpose": 0.6}
    assert level(alone, **seen).level == SocialLevel.DEDICATED
    assert level(among, **seen).level == level(listed, **seen).level == SocialLevel.COMPONENT


def test_a_page_on_social_media_that_applicants_have_to_have_is_no_part_of_what_they_get():
    offer = "# Grant for a stand at fairs abroad\nExporters get half of the rent of their stand.\n"
    listed = "- a website in English\n- a company page on Facebook, Instagram or LinkedIn"
    asked, given = f"{offer}# Requirements\n{listed}", f"{offer}# What is covered\n{listed}"
    seen = {"offer": 0.98, "given": 0.98}
    assert level(asked, **seen).level == SocialLevel.MENTION
    assert level(given, **seen).level == SocialLevel.COMPONENT


@pytest.mark.parametrize(
    "asked",
    [
        "Requirements for the joint stand in Milan: your own product, a website and a busy account on Instagram.",
        "Who can apply? Firms with a web shop and a company page on LinkedIn or Facebook.",
    ],
)
def test_what_a_sentence_asks_of_firms_is_not_given_to_them(asked):
    text = f"A programme for exporters. Half of the rent is paid. {asked}"
    assert level(text, offer=0.98, given=0.98, purpose=0.98).level == SocialLevel.MENTION


def test_what_eligible_firms_get_is_given_to_them():
    text = (
        "Eligible firms that export get help with campaigns on LinkedIn. Eligible: advertisements on Instagram abroad."
    )
    assert level(text, offer=0.98, given=0.98).level >= SocialLevel.COMPONENT


def test_level_4_is_more_likely_than_not():
    """Both steps hold by themselves, but not both together."""
    found = [level(COURSE, relevance=share / 100, offer=0.9, given=0.9, purpose=0.6) for share in range(50, 100, 2)]
    assert {coding.level for coding in found} == {SocialLevel.MENTION, SocialLevel.COMPONENT, SocialLevel.DEDICATED}
    assert all(coding.confidence >= 0.5 for coding in found if coding.level == SocialLevel.DEDICATED)


def test_a_platform_above_a_follow_us_line_is_boilerplate():
    page = page_from_text(
        "# Contact\nWrite to our export team.\n## Twitter\nFollow us @tradeoffice\n## Address\nHigh Street 5"
    )
    assert code_page(page, "en").social.level == SocialLevel.BOILERPLATE
