import pytest

from crawler.addresses import is_private


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.1.1", "::1", "[::1]", "::ffff:10.0.0.1", "fe80::1", "localhost",
     "0.0.0.0", "100.64.0.1", "printer.local", "::7f00:1", "2002:7f00:1::", "64:ff9b::10.0.0.1", "fe80::1%eth0",
     "localhost."],
)  # fmt: skip
def test_private_hosts(host):
    assert is_private(host)


@pytest.mark.parametrize("host", ["8.8.8.8", "www.example.org", "2001:4860:4860::8888"])
def test_public_hosts(host):
    assert not is_private(host)
