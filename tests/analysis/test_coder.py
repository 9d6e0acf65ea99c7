"""The coder on single pages: traps and rules of DESIGN."""

import pytest

from analysis.coder import code_page
from analysis.coding import SocialLevel
from analysis.html_text import read_html
from analysis.page import assemble, page_from_text

ICONS = "<footer>Follow us <a href='https://www.facebook.com/x'>Facebook</a></footer>"
VISIT = (
    "<h1>Market visit</h1><p>Exporters: join our trade mission. We arrange appointments with importers. Apply now.</p>"
)


def code(body, language="en", url="https://a.example/x"):
    page = read_html(f"<html lang={language}><body><main>{body}</main>{ICONS}</body></html>")
    text = assemble(page.title, page.blocks)
    coding = code_page(text, language, url)
    for programme in coding.programmes:
        quotes = [q for m in programme.measures for q in m.evidence] + list(programme.social.evidence)
        for quote in quotes:
            assert quote.quote == text.text[quote.start : quote.end] != ""
    return coding


def measures(coding):
    return {m.measure for m in coding.measures}


def test_footer_links_alone_are_boilerplate():
    coding = code(VISIT)
    assert coding.relevant
    assert coding.social.level == SocialLevel.BOILERPLATE
    assert measures(coding) == {"trade_visits"}


def test_own_publicity_is_a_mention():
    assert code(VISIT + "<p>See the pictures on our Facebook page.</p>").social.level == SocialLevel.MENTION


@pytest.mark.parametrize(
    ("language", "programme", "publicity"),
    [
        (
            "en",
            "# Trade mission to Kenya\nWe take twelve exporters to Nairobi and arrange meetings with importers.",
            "We use Twitter and Facebook to tell the public about our missions.",
        ),
        (
            "de",
            "# Unternehmerreise nach Kenia\nWir nehmen zwölf Exporteure mit nach Nairobi und vereinbaren Termine "
            "mit Importeuren.",
            "Der Verband fordert auf Facebook und LinkedIn mehr solche Reisen.",
        ),
        (
            "es",
            "# Misión comercial a Kenia\nLlevamos a doce exportadores a Nairobi y organizamos reuniones con "
            "importadores.",
            "La agencia cuenta con perfiles en LinkedIn y Facebook para el público general.",
        ),
        (
            "ja",
            "# ケニア貿易ミッション\n5月に輸出企業12社とナイロビを訪れ、各社に輸入業者との面談を設定します。",
            "当機構の活動はSNSでも発信しています。",
        ),
        (
            "zh",
            "# 肯尼亚经贸代表团\n五月我们带十二家出口企业去内罗毕，为每家安排与进口商会面。",
            "代表团的消息发布在微信公众号和领英上。",
        ),
    ],
)
def test_what_an_agency_posts_for_the_public_is_no_part_of_a_programme(language, programme, publicity):
    coding = code_page(page_from_text(f"{programme}\n{publicity}"), language)
    assert coding.relevant
    assert coding.social.level <= SocialLevel.MENTION


def test_a_text_that_defines_export_marketing_offers_no_social_media():
    essay = (
        "Export promotion refers to all that a company does to present its products in foreign markets. It includes "
        "strategies like digital marketing, campaigns with local influencers and participation in trade fairs abroad. "
        "The main goal is that buyers overseas know the brand."
    )
    assert code_page(page_from_text(essay), "en").social.level <= SocialLevel.MENTION


def test_what_is_not_covered_is_no_offer():
    coding = code(
        "<h1>Export fair grant</h1><p>The grant pays for your stand at a trade fair abroad. Exporters may apply.</p>"
        "<h2>Not eligible</h2><ul><li>Social media advertising</li><li>Market research</li></ul>"
    )
    assert measures(coding) == {"trade_fairs"}
    assert coding.social.level == SocialLevel.BOILERPLATE


def test_one_module_of_a_course_is_a_component():
    coding = code(
        "<h1>Export course</h1><p>Our course for exporters. Register for eight sessions:</p>"
        "<ul><li>Pricing</li><li>Customs</li><li>Finding buyers through social media</li></ul>"
    )
    assert measures(coding) == {"training"}
    assert coding.social.level == SocialLevel.COMPONENT


@pytest.mark.parametrize(
    "text",
    [
        "Your employer pays social security when you are abroad.",
        "The minister told the media that the network of agents will grow.",
        "We set cookies from Facebook to measure visits.",
        "Use your export sales to influence the standards, and follow the missing link in trade.",
    ],
)
def test_words_that_only_sound_like_social_media(text):
    assert code(f"{VISIT}<p>{text}</p>").social.level == SocialLevel.BOILERPLATE


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Export licence</h1><p>You need a licence to export arms. Apply ten days before. Penalty: a fine.</p>",
        "<h1>Importing cars</h1><p>Importers need an import permit. Customs declaration and duties are payable.</p>",
        "<h1>Café course</h1><p>Workshop on Instagram marketing for local shops. Register now, it is free.</p>",
        "<h1>Exports rise</h1><p>Exports rose by 4 per cent, the minister said yesterday.</p>",
        "<h1>Stand builder sought</h1><p>Invitation to tender: the contractor will build our stands at trade fairs "
        "abroad. Bids close on 3 May.</p>",
        "<h1>A firm's story</h1><p>The potter sells to ten countries. Her customers found her on Instagram.</p>",
    ],
)
def test_regulation_imports_home_trade_and_news_are_not_relevant(body):
    coding = code(body)
    assert not coding.relevant
    assert coding.social.level <= SocialLevel.MENTION


def test_a_programme_of_which_only_its_social_media_is_known_is_digital():
    text = "# 수출기업 SNS 지원\n해외 고객에게 알리도록 인스타그램 콘텐츠 제작과 인플루언서 협업을 지원합니다."
    coding = code_page(page_from_text(text), "ko")
    assert measures(coding) == {"digital"}
    assert coding.social.level >= SocialLevel.COMPONENT


def test_on_a_site_about_other_things_a_page_without_a_word_of_exporting_must_show_more():
    page = page_from_text(
        "# Order Management Suite\nThe suite helps your company to manage distributors, agents and buyers online. "
        "Packages with licences for subsidiaries in several countries; choose a plan and apply for the subsidy."
    )
    alone, elsewhere = code_page(page, "en").relevance, code_page(page, "en", site_share=0.2).relevance
    known = code_page(page_from_text(page.text + " For exporters."), "en", site_share=0.2).relevance
    assert elsewhere < min(alone, known)


def test_several_programmes_on_one_page():
    coding = code(
        "<h1>Services for exporters</h1>"
        "<h2>Trade missions</h2><p>Join us on a group visit to meet buyers abroad.</p>"
        "<h2>Partner search</h2><p>We find agents and distributors for your product.</p>"
        "<h2>How to apply</h2><p>Apply through the form.</p>"
    )
    assert [p.name for p in coding.programmes] == ["Trade missions", "Partner search"]


def test_what_stands_before_the_first_of_several_programmes_is_read_too():
    text = """# Export reimbursements
Small firms that export may claim half of these costs:
- trade missions to other countries
- stands at fairs abroad
## Website translation
We pay for the translation of your website into the languages of foreign customers.
## Product certification
We refund what the certificates cost that another country demands of your product."""
    coding = code_page(page_from_text(text), "en")
    assert {"trade_visits", "trade_fairs", "digital", "documentation"} <= {m.measure for m in coding.measures}
    assert [programme.name for programme in coding.programmes] == [
        "Export reimbursements",
        "Website translation",
        "Product certification",
    ]


def test_fairs_at_home_are_no_help_for_exporters():
    text = (
        "国内展示会への出展支援\n売上拡大を目指す中小企業を対象に、"
        "国内で開催される専門展示会への出展料の半額を助成します。"
    )
    assert not code_page(page_from_text(text), "ja").relevant


def test_a_closed_programme_is_coded_with_its_status():
    coding = code(VISIT + "<p>The scheme is closed to new applications until April.</p>")
    assert [p.status for p in coding.programmes] == ["closed"]


def test_a_language_without_codebook_is_said():
    coding = code_page(page_from_text("Vienti ulkomaille on helppoa, kun saat neuvoja asiantuntijalta."), "fi")
    assert (coding.relevant, coding.note) == (False, "no codebook for language 'fi'")


def test_an_empty_page_is_said():
    assert code_page(page_from_text(""), "en").note == "no text"
