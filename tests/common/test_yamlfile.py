from dataclasses import dataclass

import pytest

from common.errors import DataFileError
from common.yamlfile import checked, parse_yaml


@dataclass
class Thing:
    name: str
    size: int = 0


def test_norway_is_a_country_and_not_false():
    assert parse_yaml("country: NO\nlanguages: [no, nb]\nprivate: true", "x") == {
        "country": "NO",
        "languages": ["no", "nb"],
        "private": True,
    }


def test_a_repeated_key_is_an_error_with_its_line():
    with pytest.raises(DataFileError, match=r"x\.yaml: line 2: .*'a' stands twice"):
        parse_yaml("a: 1\na: 2\n", "x.yaml")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"size": 1}, "here: name: is missing"),
        ({"name": "a", "colour": 1}, "here: colour: unknown field"),
        ({"name": "a", "size": "big"}, "here: size: 'big': "),
    ],
)
def test_a_wrong_field_is_named(value, message):
    with pytest.raises(DataFileError) as error:
        checked(Thing, value, "here")
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)
