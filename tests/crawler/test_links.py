from hypothesis import given
from hypothesis import strategies as st

from crawler.links import canonical, promise, worth_asking
from crawler.webpage import read_webpage


def test_tracking_and_sessions_are_dropped():
    url = "https://a.example/x;jsessionid=1F?utm_source=n&b=2&a=1&sid=9#top"
    assert canonical(url) == "https://a.example/x?a=1&b=2"


def test_help_for_exporters_comes_before_privacy():
    help_page = promise("https://a.example/services/export-support", "Help for exporters")
    assert help_page > promise("https://a.example/about", "About us") > promise("https://a.example/privacy", "Privacy")
    assert promise("https://a.example/foerderung", "Exportförderung") > 5


def test_links_are_absolute_and_once():
    html = (
        "<base href='/sub/'><a href='x'>One</a><a href='x#y'>Again</a><a href='mailto:a@b'>m</a><a href='p.jpg'>p</a>"
    )
    assert [(link.url, link.anchor) for link in read_webpage(html, "https://a.example/").links] == [
        ("https://a.example/sub/x", "One")
    ]


@given(st.text())
def test_no_page_breaks_the_reader_of_links(text):
    for link in read_webpage(f"<a href='{text}'>{text}</a>{text}", "https://a.example/").links:
        assert worth_asking(link.url)


def test_a_page_that_sends_its_reader_on_is_followed():
    html = (
        "<meta http-equiv='Refresh' content='0; URL=/en/home'><meta http-equiv='content-type' content='a; charset=b'>"
    )
    assert [link.url for link in read_webpage(html, "https://a.example/").links] == ["https://a.example/en/home"]


@given(st.from_regex(r"https?://[a-z:@\[\]%./ ]{0,20}(:[0-9a-z ]{0,8})?[/?#;a-z]*", fullmatch=True))
def test_no_address_breaks_the_reader_of_links(address):
    for link in read_webpage(f'<a href="{address}">x</a>', "https://a.example/").links:
        assert worth_asking(link.url)


def test_a_blank_is_no_host():
    assert not worth_asking("http:// ?")


def test_a_port_that_is_none_is_no_address():
    assert not worth_asking("http://www.example.de: The dream of gas")
