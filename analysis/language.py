"""Which language a text is in. What is not known is said, not guessed."""

from collections.abc import Sequence
from functools import cache
from typing import Any

UNKNOWN = "und"  # ISO 639-3: undetermined
SHORT_TEXT = 120  # characters; below that a detector guesses
LIKELY = 0.4  # probability at which a short text without declaration is believed ...
EXPECTED = 0.2  # ... and where the registry expects that language
ENOUGH = 1_500  # characters that are looked at
SURE = 0.9  # probability at which the text itself overrules what the page declares


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect_language(text: str, declared: str = "", expected: Sequence[str] = ()) -> str:
    """The ISO 639-1 code of the language of a text, or 'und'.

    `declared` is what the page says of itself, `expected` what the registry says of the agency. Long texts
    speak for themselves; short ones are believed what is declared.
    """
    text = " ".join(text[: 2 * ENOUGH].split())[:ENOUGH]
    if len(text) < 20:
        return declared if declared and declared in expected else UNKNOWN
    found, probability = _identifier().classify(text)
    if len(text) >= SHORT_TEXT and probability >= SURE:
        return str(found)
    if declared and (not expected or declared in expected or declared == found):
        return declared
    if probability >= (EXPECTED if found in expected else LIKELY):
        return str(found)
    return UNKNOWN
