from analysis.html_text import read_html


def _read(body: str) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read_html(f"<html><body>{body}</body></html>").blocks]


def test_a_card_that_is_one_link_has_a_title_and_a_text():
    for title, text in (("h3", "p"), ("div", "div"), ("p", "p")):
        card = f"<a href='/m'><{title}>Missions</{title}><{text}>We take ten firms to Chile in May.</{text}></a>"
        assert _read(card) == [("heading", "Missions"), ("paragraph", "We take ten firms to Chile in May.")]
    lines = "<li><a href='/m'><strong>Missions</strong><br>We take ten firms to Chile in May.</a></li>"
    assert _read(lines) == [("heading", "Missions"), ("paragraph", "We take ten firms to Chile in May.")]


def test_cards_around_a_longer_text_lead_to_other_pages():
    told = "".join(
        f"<p>Paragraph {n} tells at some length how the fund of the agency helps a small firm to sell abroad.</p>"
        for n in range(9)
    )
    card = "<a href='/m'><div>Missions</div><div>We take ten firms to Chile in May.</div></a>"
    assert all("Chile" not in text for kind, text in _read(told + card) if kind != "link")


def test_bare_links_stay_links():
    assert _read("<div><a href='/a'>Missions</a></div><div><a href='/b'>Read how to apply.</a></div>") == [
        ("link", "Missions"),
        ("link", "Read how to apply."),
    ]


def test_linked_items_of_a_list_are_items_unless_most_of_it_are_links():
    items = ["find an agent in the target market", "<a href='/m'>join a trade mission</a>", "ask for an export plan"]
    listed = "".join(f"<li>{item}</li>" for item in items)
    assert [kind for kind, _ in _read(f"<p>You can:</p><ul>{listed}</ul>")] == ["paragraph", "item", "item", "item"]
    menu = "<ul><li><a href='/m'>join a trade mission</a></li><li><a href='/n'>news</a></li><li>2026</li></ul>"
    assert [kind for kind, _ in _read(menu)] == ["link", "link", "item"]
