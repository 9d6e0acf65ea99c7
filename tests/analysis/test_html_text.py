import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.html_text import read_html
from analysis.page import assemble


def kinds(html):
    return [(b.kind, b.text, b.frame) for b in read_html(html).blocks]


def test_menus_footers_and_banners_are_frame():
    blocks = kinds(
        "<header><nav><a href=/>Home</a></nav></header><div class='cookie-banner'><p>We use cookies.</p></div>"
        "<main><h1>Help</h1><p>Text of the page.</p></main><div id='site-footer'><p>Address</p></div>"
    )
    assert [text for _, text, frame in blocks if not frame] == ["Help", "Text of the page."]


def test_the_way_an_element_looks_does_not_make_it_frame():
    for name in (
        "margin-bottom-l",
        "elementor-widget-container",
        "has-sidebar",
        "entry-content no-share",
        "row-bottom",
    ):
        assert kinds(f'<div class="{name}"><p>We help.</p></div>') == [("paragraph", "We help.", False)], name
    for name in ("bottom", "widget-area sidebar", "main-menu", "cookie-notice margin-l", "td-related-title"):
        assert kinds(f'<div class="{name}"><p>We help.</p></div>') == [("paragraph", "We help.", True)], name
    assert kinds('<div role="main" class="st-sidebar"><p>We help.</p></div>') == [("paragraph", "We help.", False)]


def test_a_sidebar_that_holds_the_text_is_none_but_a_cookie_notice_is_always_frame():
    text = "We go with small firms to buyers in other countries and pay half of what it costs. " * 5
    frames = [frame for *_, frame in kinds(f'<p>Short.</p><div class="sidebar"><p>{text}</p></div>')]
    assert frames == [False, False]
    frames = [frame for *_, frame in kinds(f'<p>Short.</p><div class="cookie-consent"><p>{text}</p></div>')]
    assert frames == [False, True]


def test_lists_of_other_articles_and_captions_are_frame_but_cards_are_not():
    assert kinds('<main><div class="related"><article><p>Other news.</p></article></div></main>')[0][2]
    assert kinds("<main><figure><figcaption>A stand. Photo: A. Writer</figcaption></figure></main>")[0][2]
    card = kinds('<div class="thumbnail"><div class="caption"><h3>Fairs</h3><p>We share a stand.</p></div></div>')
    assert [frame for *_, frame in card] == [False, False]


def test_headings_of_every_kind():
    blocks = kinds(
        "<h2>Real</h2><p>x</p><p><b>Bold line</b></p><p>text below it</p><summary>Folded</summary>"
        "<p><strong>Certificates.</strong> We issue certificates of origin on the same day.</p>"
    )
    assert [text for kind, text, _ in blocks if kind == "heading"] == ["Real", "Bold line", "Folded", "Certificates"]


def test_a_layout_table_does_not_hide_paragraphs():
    assert ("paragraph", "A long paragraph in a cell.", False) in kinds(
        "<table><tr><td><a href=/a>A</a></td><td><p>A long paragraph in a cell.</p></td></tr></table>"
    )


def test_a_data_table_gives_a_row_a_block():
    assert kinds("<table><tr><td>Fair</td><td>50 %</td></tr></table>") == [("row", "Fair | 50 %", False)]


def test_icons_without_text_are_kept_as_social_links():
    page = read_html("<main><p>Text</p></main><footer><a href='https://www.facebook.com/x'><i></i></a></footer>")
    text = assemble(page.title, page.blocks)
    assert [text.of(b) for b in text.blocks if b.social_link] == ["https://www.facebook.com/x"]


def test_old_elements_without_end_tag_do_not_shift_the_frame():
    blocks = kinds("<div class='footer'><param name=a><bgsound src=b><keygen><p>Address</p></div><p>Text after it.</p>")
    assert [(text, frame) for _, text, frame in blocks] == [("Address", True), ("Text after it.", False)]


def test_deep_nesting_ends():
    start = time.monotonic()
    read_html("<div>" * 30_000 + "deep" + "</div>" * 30_000)
    assert time.monotonic() - start < 20


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("<>/=\"' abdivptrhl1&;!-\x00\n")), max_size=300))
def test_broken_html_never_fails_and_offsets_hold(html):
    page = read_html(html)
    text = assemble(page.title, page.blocks)
    for block in text.blocks:
        assert text.of(block) == text.text[block.start : block.end] != ""


def _blocks(body: str) -> list[tuple[str, str]]:
    return [(kind, text) for kind, text, _ in kinds(body)]


@pytest.mark.parametrize(
    "title",
    [
        '<h2 class="accordion-header"><button class="accordion-button" type="button">Finding agents</button></h2>',
        '<button aria-expanded="false" aria-controls="p1">Finding agents</button>',
        '<button class="collapsible">Finding agents</button>',
        '<div class="tab"><a data-toggle="collapse" href="#p1">Finding agents</a></div>',
        '<div role="button" aria-expanded="false" tabindex="0">Finding agents</div>',
        '<div class="card-title">Finding agents</div>',
        '<button class="Accordion_trigger__x1">Finding agents</button>',
        '<p class="Card__Title">Finding agents</p>',
        '<p class="accordion__title">Finding agents</p>',
        "<details open><summary>Finding agents</summary></details>",
    ],
)
def test_titles_of_accordions_and_cards_are_headings(title):
    assert _blocks(f'{title}<div id="p1"><p>We look for agents abroad.</p></div>') == [
        ("heading", "Finding agents"),
        ("paragraph", "We look for agents abroad."),
    ]


def test_controls_of_the_page_are_no_text():
    controls = '<button type="submit">Search</button><button class="nav-toggle" aria-expanded="false">Menu</button>'
    assert _blocks(f"{controls}<p>We look for agents abroad.</p>") == [("paragraph", "We look for agents abroad.")]


def test_lists_that_were_typed_with_line_breaks_have_an_item_a_line():
    assert [text for _, text in _blocks("<div>支援内容<br>・市場調査<br> ・契約書の翻訳</div>")] == [
        "支援内容",
        "・市場調査",
        "・契約書の翻訳",
    ]


def test_bold_words_on_a_line_of_their_own_name_the_paragraph_under_them():
    told = "Our advisers look for agents and distributors in the country that you have chosen, and introduce you."
    assert _blocks(f"<p><strong>Finding agents</strong><br>{told}</p>") == [
        ("heading", "Finding agents"),
        ("paragraph", told),
    ]


def test_a_mark_that_leads_nowhere_is_no_link():
    assert _blocks('<a name="top"><p>We look for agents abroad.</p>') == [("paragraph", "We look for agents abroad.")]


def test_the_words_of_a_tab_are_the_heading_of_its_panel():
    tabs = (
        '<ul class="nav nav-tabs"><li><a role="tab" href="#m">Missions</a></li></ul>'
        '<button data-bs-toggle="tab" data-bs-target="#f"><span>Trade</span> fairs</button>'
        '<button role="tab" aria-controls="nowhere">Blog</button>'
    )
    panels = '<div id="m"><p>We take firms to Chile.</p></div><div id="f"><p>Half of the stand is paid.</p></div>'
    assert [block for block in _blocks(tabs + panels) if block[0] != "link"] == [
        ("heading", "Missions"),
        ("paragraph", "We take firms to Chile."),
        ("heading", "Trade fairs"),
        ("paragraph", "Half of the stand is paid."),
    ]


def test_a_panel_within_its_own_tab_does_no_harm():
    assert _blocks('<a role="tab" href="#m">A<div id="m">B</div>C</a><p>D</p>')[-1] == ("paragraph", "D")
