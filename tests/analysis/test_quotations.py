"""Quotations that can be read alone."""

from hypothesis import given
from hypothesis import strategies as st

from analysis.classify import text_fragment
from analysis.coder import code_page
from analysis.coding import Quote
from analysis.cues import cue_finder
from analysis.html_text import read_html
from analysis.page import RawBlock, assemble
from analysis.quotations import LONGEST, readable_quotes
from analysis.reading import read_page

LEAD_IN = "Exporters, the agency pays half of what these cost:"


def of_list(items, lead_in=LEAD_IN):
    page = assemble("", [RawBlock("paragraph", lead_in), *(RawBlock("item", item) for item in items)])
    return read_page(page, cue_finder("en"))


def quote_of(reading, text):
    start = reading.page.text.index(text)
    return Quote(text, start, start + len(text))


def test_a_short_item_is_quoted_with_its_lead_in():
    reading = of_list(["flights", "your stand"])
    (quote,) = readable_quotes(reading, [quote_of(reading, "your stand")])
    assert quote.quote == f"{LEAD_IN}\nflights\nyour stand" == reading.page.text[quote.start : quote.end]


def test_of_a_long_lead_in_only_the_last_sentence_is_quoted():
    reading = of_list(["your stand"], "Fairs are dear. The agency pays half of:")
    (quote,) = readable_quotes(reading, [quote_of(reading, "your stand")])
    assert quote.quote == "The agency pays half of:\nyour stand"


def test_a_short_heading_is_quoted_with_the_text_after_it():
    page = assemble("", [RawBlock("heading", "LinkedIn", 2), RawBlock("paragraph", "We write posts. Ask us.")])
    reading = read_page(page, cue_finder("en"))
    (quote,) = readable_quotes(reading, [quote_of(reading, "LinkedIn")])
    assert quote.quote == "LinkedIn\nWe write posts."


def test_what_another_quotation_holds_is_left_out():
    reading = of_list(["flights", "your stand"])
    quotes = [quote_of(reading, "flights"), quote_of(reading, "your stand")]
    assert [quote.quote for quote in readable_quotes(reading, quotes)] == [f"{LEAD_IN}\nflights\nyour stand"]


def test_an_item_far_from_its_lead_in_stays_as_it_is():
    reading = of_list(["a long item of a list, told in many words"] * 20 + ["your stand"])
    quote = quote_of(reading, "your stand")
    assert readable_quotes(reading, [quote]) == (quote,)


@given(
    st.lists(st.sampled_from(["fair", "stand", "social media", "a much longer item of a list, in words"]), min_size=1)
)
def test_quotations_are_pieces_of_the_text_that_hold_what_was_quoted(items):
    reading = of_list(items)
    quotes = [
        Quote(reading.page.of(block), block.start, block.end) for block in reading.page.blocks if block.kind == "item"
    ]
    whole = readable_quotes(reading, quotes)
    for quote in whole:
        assert quote.quote == reading.page.text[quote.start : quote.end]
        assert quote.end - quote.start <= max(LONGEST, 40)
    assert all(any(w.start <= q.start and q.end <= w.end for w in whole) for q in quotes)


def test_a_coded_page_quotes_short_items_with_their_lead_in():
    page = read_html(
        "<html lang=en><body><main><h1>Export grant</h1><p>Exporters can apply. The grant pays for:</p>"
        "<ul><li>trade fairs abroad</li><li>flights</li></ul></main></body></html>"
    )
    coding = code_page(assemble(page.title, page.blocks), "en")
    fairs = next(measure for measure in coding.measures if measure.measure == "trade_fairs")
    assert any(quote.quote == "The grant pays for:\ntrade fairs abroad" for quote in fairs.evidence)


def test_a_quotation_of_several_paragraphs_is_linked_by_its_beginning_and_end():
    link = text_fragment("https://a.example/", "The grant pays for:\nstand rent at fairs")
    assert link == "https://a.example/#:~:text=The%20grant%20pays%20for%3A,stand%20rent%20at%20fairs"
