"""Comparing words whatever their case and accents."""

import unicodedata


def plain(text: str) -> str:
    """Lower-case without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
