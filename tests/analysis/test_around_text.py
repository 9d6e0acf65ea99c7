from hypothesis import given
from hypothesis import strategies as st

from analysis.around_text import mark_surroundings
from analysis.page import RawBlock

TEXT = "We go with small firms to buyers in other countries and pay half of what the journey costs them. " * 4
LONG = [RawBlock("paragraph", TEXT), RawBlock("paragraph", TEXT)]


def heading(text, level=2):
    return RawBlock("heading", text, level)


def line(text):
    return RawBlock("paragraph", text)


def kept(*blocks):
    marked = mark_surroundings(blocks)
    assert [block.text for block in marked] == [block.text for block in blocks]
    return [block.text for block in marked if not block.frame and block.text != TEXT]


def test_lines_before_the_text_and_links_are_around_it():
    assert kept(heading("Journeys", 1), line("By A. Writer, 3 May"), *LONG, RawBlock("link", "Home")) == ["Journeys"]


def test_headings_with_nothing_under_them_are_around_the_text():
    found = kept(
        heading("Help"), heading("Journeys", 3), *LONG, heading("You may also like"), RawBlock("link", "Fairs")
    )
    assert found == ["Help", "Journeys"]
    assert kept(heading("Journeys", 1), heading("Contents"), heading("More"), *LONG) == ["Journeys", "More"]


def test_lists_and_short_sections_after_the_text_belong_to_it():
    after = [line("We also offer:"), RawBlock("item", "buyers"), heading("Fairs"), line("We share stands with firms.")]
    assert kept(*LONG, *after) == [block.text for block in after]
    assert kept(*LONG, heading("Fairs"), line("We share a stand with four firms.")) == [
        "Fairs",
        "We share a stand with four firms.",
    ]
    assert kept(*LONG, line("Print"), line("Top of page")) == []


def test_names_of_cards_stay_with_their_text():
    assert kept(*LONG, line("Export voucher"), *LONG) == ["Export voucher"]
    assert kept(*LONG, line("Photo: A. Writer"), heading("Fairs"), *LONG) == ["Fairs"]
    assert kept(*LONG, line("Fairs"), line("Journeys"), heading("More"), *LONG) == ["Fairs", "Journeys", "More"]


def test_short_pages_are_left_as_they_are():
    blocks = [line("Fairs"), heading("Journeys"), RawBlock("link", "Home")]
    assert kept(*blocks) == ["Fairs", "Journeys", "Home"]


def test_signs_that_say_more_count_for_more():
    chinese = RawBlock("paragraph", "我们带领中小企业到国外会见买家并承担一半的旅费。" * 5)
    assert [block.frame for block in mark_surroundings([line("张三"), chinese, chinese])] == [True, False, False]


KINDS = st.sampled_from(["heading", "paragraph", "item", "row", "link"])
BLOCKS = st.builds(RawBlock, KINDS, st.text(min_size=1, max_size=200), st.integers(1, 6), st.booleans(), st.booleans())


@given(st.lists(BLOCKS, max_size=20))
def test_only_marks_and_never_what_tells_something(blocks):
    marked = mark_surroundings(blocks)
    assert [(b.kind, b.text, b.level, b.social_link) for b in marked] == [
        (b.kind, b.text, b.level, b.social_link) for b in blocks
    ]
    for before, after in zip(blocks, marked, strict=True):
        assert after.frame or not before.frame
        if before.kind in ("paragraph", "item", "row") and len(before.text.encode()) >= 80:
            assert after.frame == before.frame
