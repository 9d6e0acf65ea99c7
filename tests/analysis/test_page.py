"""Pages as blocks of text."""

import pytest

from analysis.page import page_from_text


@pytest.mark.parametrize(
    "items",
    [
        ("(a) hire of a stand;", "(b) travel;"),
        ("1. Stand", "2. Travel"),
        ("・小間料", "・渡航費"),
        ("一、展位费", "二、差旅费"),
        ("• stand", "• travel"),
    ],
)
def test_lists_that_were_typed_by_hand_are_lists(items):
    page = page_from_text("\n".join(("The grant pays for the following costs:", *items)))
    assert [block.listed for block in page.blocks] == [False, True, True]


def test_one_paragraph_with_a_number_is_no_list():
    page = page_from_text(
        "1. The grant is open to all firms of the region.\nApply by 3 May through the portal of the agency."
    )
    assert not any(block.listed for block in page.blocks)


def test_one_line_with_a_number_and_a_colon_is_a_heading():
    page = page_from_text(
        "1-Fairs abroad:\nFor a joint stand we pay half of the rent, up to 5,000 a year.\n"
        "2-Transport of exported goods:\nHalf of the freight of perishable goods is paid."
    )
    assert [page.of(block) for block in page.blocks if block.kind == "heading"] == [
        "1-Fairs abroad:",
        "2-Transport of exported goods:",
    ]
