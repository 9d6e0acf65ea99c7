import pytest

from common.errors import AuditFolderError
from common.frame import Budgets, Frame, read_frame, site_of, write_frame
from common.regions import country_name, regions_of
from tests.conftest import agency


def test_a_frame_survives_writing_and_reading(tmp_path):
    frame = Frame((agency("http://127.0.0.1:8001"), agency("http://127.0.0.1:8002", "xb-two")), Budgets(pages=7))
    write_frame(tmp_path / "audit.toml", frame)
    assert read_frame(tmp_path / "audit.toml") == frame


def test_an_audit_of_another_version_is_refused_in_one_line(tmp_path):
    (tmp_path / "audit.toml").write_text("version = 99\n")
    with pytest.raises(AuditFolderError, match="another version of gap-audit"):
        read_frame(tmp_path / "audit.toml")


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://A.example/x", "a.example"),
        ("https://a.example:443/", "a.example"),
        ("http://127.0.0.1:8001/x?y", "127.0.0.1:8001"),
        ("mailto:x@y", ""),
        ("http://[bad", ""),
    ],
)
def test_site_of(url, site):
    assert site_of(url) == site


def test_a_host_without_port_stands_for_the_port_of_its_start_address():
    assert agency("http://127.0.0.1:8001", hosts=["127.0.0.1"]).sites == ("127.0.0.1:8001",)


def test_regions():
    assert regions_of("IE") == ("Europe", "Northern Europe")
    assert regions_of("NO") == ("Europe", "Northern Europe")
    assert country_name("KR") == "South Korea"
