"""Comparing words whatever their case and accents."""

import unicodedata

KANA_VOICING = 8  # combining class of the marks that make another sound, not an accent

# letters that Unicode does not take apart, and that people write without their mark
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ى": "ي", "ـ": ""})


def plain(text: str) -> str:
    """Lower-case without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(c for c in decomposed if unicodedata.combining(c) in (0, KANA_VOICING)).translate(_PLAIN)
    return unicodedata.normalize("NFC", kept)  # Hangul is put together again
