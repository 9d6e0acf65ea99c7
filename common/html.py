"""What is to be known of HTML before a parser may have it."""

import re

DEEPEST = 2_000  # elements within each other; parsers take quadratic time, or overflow, far beyond what pages need
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# elements that need no end tag: many of them in a row are no depth
_UNCOUNTED = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "p", "li",
     "dt", "dd", "option", "tr", "td", "th", "tbody", "thead", "tfoot", "colgroup", "path", "rect", "circle", "line",
     "use", "g"}
)  # fmt: skip


def too_deep(html: str) -> bool:
    """Whether elements lie within each other so deep that the page is an attack, or broken beyond reading."""
    if html.count("<") <= DEEPEST:
        return False
    depth = 0
    for match in _TAG.finditer(html):
        end, name = match.groups()
        if name.lower() not in _UNCOUNTED:
            depth += -1 if end else 1
            depth = max(depth, 0)
            if depth > DEEPEST:
                return True
    return False
