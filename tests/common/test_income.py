import pycountry

from common.income import INCOME_GROUPS, _income, income_group, income_year
from common.regions import regions_of


def test_groups_hold_countries_that_there_are():
    year, of = _income()
    assert year == income_year() >= 2026
    assert set(of.values()) == set(INCOME_GROUPS)
    unknown = [code for code in of if code != "XK" and pycountry.countries.get(alpha_2=code) is None]
    assert not unknown
    assert [code for code in of if code != "XK" and not regions_of(code)] == []


def test_some_groups():
    assert income_group("IE") == "high income"
    assert income_group("NA") == "lower middle income"
    assert income_group("NO") == "high income"
    assert income_group("QX") == ""
