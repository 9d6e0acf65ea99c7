import pytest

from crawler.cdxj import surt


# as the library surt writes them
@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://www.Example.org/", "org,example)/"),
        ("http://example.org:8080/A/B/?b=2&a=1", "org,example:8080)/a/b?a=1&b=2"),
        ("https://www2.export.gov.example/x.html#top", "example,gov,export)/x.html"),
        ("https://example.org/a//b/", "org,example)/a/b"),
        ("http://127.0.0.1:47810/", "1,0,0,127:47810)/"),
        ("https://example.org:443/?", "org,example)/"),
    ],
)
def test_keys_are_those_of_the_wayback_machines(url, key):
    assert surt(url) == key
