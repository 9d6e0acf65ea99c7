import pytest

from analysis.language import UNKNOWN, detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We help you find distributors abroad.", "en"),
        ("Nous vous aidons à exporter vers de nouveaux pays.", "fr"),
        ("Autamme suomalaisia yrityksiä viennissä ja kansainvälistymisessä.", "fi"),
        ("12 34 56", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_languages(text, language):
    assert detect_language(text) == language


def test_a_long_text_overrules_a_wrong_declaration():
    text = "Wir fördern Ihre Beteiligung an Messen im Ausland und beraten Sie kostenfrei. " * 4
    assert detect_language(text, declared="en", expected=["en"]) == "de"


def test_a_short_text_is_believed_what_is_declared():
    assert detect_language("Export Academy, spring term", declared="en") == "en"
