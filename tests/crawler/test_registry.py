import pytest

from common.errors import RegistryError
from crawler.registry import load_registry, select

GOOD = """
- id: ie-one
  name: One
  country: IE
  kind: tpo
  level: national
  languages: [en]
  start_urls: [https://one.example/]
"""


@pytest.fixture(scope="module")
def registry():
    return load_registry()


def test_the_registry_covers_the_world(registry):
    countries = {agency.country for agency in registry}
    assert len(registry) >= 150
    assert len(countries) >= 100
    eu = "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
    oecd = "AU CA CL CO CR IS IL JP KR MX NZ NO CH TR GB US"
    others = "AR BR CN IN ID RU SA ZA BN KH LA MM MY PH SG TH TL VN AE BH KW OM QA PY UY BO NG KE EG MA"
    assert set(f"{eu} {oecd} {others}".split()) <= countries


def test_every_start_address_is_secure_and_public(registry):
    assert all(url.startswith("https://") for agency in registry for url in agency.start_urls)
    assert not any(agency.allow_private for agency in registry)


def test_filters(registry):
    african = select(registry, regions=["western africa"], languages=["fr"])
    assert {"bj-apiex", "bf-apex", "sn-asepex"} <= {agency.id for agency in african}
    assert all(agency.kind == "export_credit" for agency in select(registry, kinds=["export_credit"]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("country: IE", "country: IRL"), r"entry 1 \(ie-one\): country: 'IRL': .*did you mean 'IE'"),
        (("country: IE", "country: UK"), "did you mean 'GB'"),
        (("https://one", "http://one"), "must begin with https://"),
        (("languages: [en]", "languages: [english]"), "languages.0: 'english': .*ISO 639"),
        (("kind: tpo", "kind: shop"), "kind: 'shop'"),
        (("  name: One\n", ""), "name: is missing"),
        (("id: ie-one", "id: Ie One"), "id: 'Ie One'"),
        (("level: national", "level: national\n  colour: red"), "colour: unknown field"),
        (("- id", "- - id"), r"\.yaml"),
        (("name: One", "name: [One"), "line .*not valid YAML"),
    ],
)
def test_a_broken_entry_is_named_by_file_entry_and_field(tmp_path, change, message):
    file = tmp_path / "my.yaml"
    file.write_text(GOOD.replace(*change))
    with pytest.raises(RegistryError, match=message) as error:
        load_registry(file)
    assert str(error.value).startswith(str(file))
    assert "\n" not in str(error.value)


def test_doubles_are_refused(tmp_path):
    file = tmp_path / "my.yaml"
    file.write_text(GOOD + GOOD)
    with pytest.raises(RegistryError, match=r"entry 2 \(ie-one\): id: 'ie-one' is already taken"):
        load_registry(file)
    file.write_text(GOOD + GOOD.replace("ie-one", "ie-two"))
    with pytest.raises(RegistryError, match=r"hosts: 'one\.example' is already taken"):
        load_registry(file)


def test_unknown_choices_are_refused(registry):
    with pytest.raises(RegistryError, match="'XX'"):
        select(registry, countries=["XX"])
    with pytest.raises(RegistryError, match="'no-such'"):
        select(registry, ids=["no-such"])
