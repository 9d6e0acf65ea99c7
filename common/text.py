"""Comparing words whatever their case and accents."""

import re
import unicodedata

KANA_VOICING = 8  # combining class of the marks that make another sound, not an accent

# letters that Unicode does not take apart, and that people write without their mark
_PLAIN = {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ى": "ي", "ـ": ""}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")


def plain(text: str) -> str:
    """Lower-case without accents."""
    if text.isascii():
        return text.lower()
    bare = _BEYOND_ASCII.sub(_without_marks, unicodedata.normalize("NFKD", text.casefold()))
    return unicodedata.normalize("NFC", bare)  # Hangul is put together again


def _without_marks(letters: re.Match[str]) -> str:
    return "".join(
        [_PLAIN.get(letter, letter) for letter in letters[0] if unicodedata.combining(letter) in (0, KANA_VOICING)]
    )
