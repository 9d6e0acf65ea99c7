"""Platforms of social media: their sites and names."""

import re
from functools import cache
from urllib.parse import urlsplit

from analysis.codebook import load_codebook


@cache
def _hosts() -> frozenset[str]:
    return frozenset(host for platform in load_codebook().platforms for host in platform.hosts)


@cache
def _names() -> re.Pattern[str]:
    names = [
        name for platform in load_codebook().platforms if not platform.exact for name in (platform.name, *platform.also)
    ]
    return re.compile(
        "|".join(
            [
                r"\bsoci[ao]",
                r"\bsozial",
                r"\bsosyal",
                "społeczn",
                "التواصل",
                "اجتماع",
                "社",
                "소셜",
                "sns",
                "ソーシャル",
                "直播",
                "網紅",
                "网红",
                "インフル",
                "influe",
                *map(re.escape, names),
            ]
        ),
        re.I,
    )


def is_social_host(url: str) -> bool:
    """Whether an address is on a platform of social media."""
    try:
        host = (urlsplit(url if "://" in url else f"https:{url}").hostname or "").removeprefix("www.")
    except ValueError:
        return False
    parts = host.split(".")
    return any(".".join(parts[place:]) in _hosts() for place in range(len(parts) - 1))


def may_name_social_media(text: str) -> bool:
    """A quick look whether a text may name social media; the coder looks closely."""
    return _names().search(text) is not None
