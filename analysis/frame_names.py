"""What the attributes of an HTML element say of it: whether it is frame, what shows that it is not, and whether it is
the title of a card, of the panel of an accordion or of a tab."""

import re
from functools import lru_cache
from typing import Literal

TITLES = frozenset(["main", "article", "h1"])  # what shows that an element holds the page and not its frame
ANY_TITLE = TITLES | {"h2", "h3", "h4"}
# what the class or the id of an element calls it, and what within it shows that it is no frame
Kind = Literal["part", "place", "others", "caption"]
SHOWN_BY: dict[Kind, frozenset[str]] = {
    "part": TITLES,  # of every page: a menu, a footer
    "place": TITLES,  # at the side or at the bottom
    "others": frozenset(["main", "h1"]),  # lists of other articles hold elements called article
    "caption": ANY_TITLE,  # a caption with a heading is the text of a card
}
_FRAME_ROLES = {"navigation", "contentinfo", "search", "dialog", "alertdialog", "menu", "menubar"}
# What the words of a class or an id say of an element; each is looked at alone, words apart at - and _.
_FRAME_NAMES = re.compile(
    r"(?:.*[-_])?(?:nav|navbar|navigation|menu|footer|site-?footer|breadcrumbs?|cookies?|cookie-?\w*|"
    r"ckmsg|consent|gdpr|(?:tarteaucitron|didomi|onetrust|cybotcookiebot|usercentrics|iubenda|cmplz|axeptio|truste)\w*|"
    r"follow-?us|side-?nav|skip|skip-?link|masthead|pagination|pager|newsletter|"
    r"author-?(?:box|bio|info)|byline|(?:entry|post|article)-?meta|subscribe\w*|sign-?up|adverts?|advertisement|"
    r"sponsored|copyright|print-?only|toolbar|tags?-?(?:cloud|list)|post-?tags|language-?switcher|col-side|"
    r"site-header|site-info)(?:[-_].*)?",
    re.I,
)
# where a thing stands, or what is said of the element that holds it: 'margin-bottom', 'elementor-widget', 'has-sidebar'
_PLACE_NAMES = re.compile(
    r"(?:.*[-_])?(?:bottom|sidebar|topbar|top-?bar|widgets?|share|sharing|share-?\w*|social|"
    r"social-?(?:links|icons|media|bar|share))(?:[-_].*)?",
    re.I,
)
_NOT_PLACES = re.compile(
    r"(?:.*[-_])?(?:margin|padding|border|m|p|mb|pb|align|elementor|ct|main|content|body|layout|sticky|row|grid|"
    r"article|page|text)(?:[-_].*)?",
    re.I,
)
_WITH_OR_WITHOUT = re.compile(r"(?:.*[-_])?(?:has|have|with|without|no|not|hide|show|is)(?:[-_].*)", re.I)
_OTHERS_NAMES = re.compile(  # other articles, and what readers say
    r"(?:.*[-_])?(?:related|related-?\w*|recommend\w*|more-?(?:stories|articles|news)|read-?(?:next|also)|"
    r"comments?|commentlist|respond|disqus\w*)(?:[-_].*)?",
    re.I,
)
_CAPTION_NAMES = re.compile(r"(?:.*[-_])?(?:caption|credits?|timestamp|dateline)(?:[-_].*)?", re.I)
# What follows is looked for in attributes in small letters, and only where some letters show that it may hold: most
# elements are none of these, and a look for a few letters is faster than one for a pattern.
# A button or link that opens the text under it in place: its words are that text's title.
_OPENS = re.compile(
    r'\s(?:aria-expanded|aria-controls|data-(?:bs-)?toggle="collapse")|\sclass="[^"]*(?:accordion|collaps|expand|toggle|faq)'
)
_OPENING_SIGNS = ("aria-", "toggle", "accordion", "collaps", "expand", "faq")
_OPENS_ELSE = re.compile(
    r'\saria-haspopup|\srole="(?:tablist|menuitem|combobox)|\sdata-(?:bs-)?toggle="(?:dropdown|modal|tooltip|offcanvas)'
    r'|\sclass="[^"]*(?:nav|menu|hamburger|dropdown|search|modal|share|social|lang|cookie|read-?more|show-?more|slick|swiper|carousel)'
)
# a button or link that shows one of several panels, and the id of that panel
_TAB = re.compile(r'\srole="tab"|\sdata-(?:bs-)?toggle="(?:tab|pill)"')
_PANEL = re.compile(r'\s(?:href="#|data-(?:bs-)?target="#|aria-controls=")([^"]+)"', re.I)
_TITLE_NAME = re.compile(r'\sclass="(?:[^"]*[\s_-])?(?:title|heading|headline)["\s]')
_TITLE_SIGNS = ("title", "head")
_ATTRIBUTE = re.compile(r'\s(class|id|role|href)="([^"]*)"')


def attributes_of(attributes: str) -> dict[str, str]:
    """The class, id, role and href of an element, as far as it has them, from what the parser writes of it."""
    return dict(_ATTRIBUTE.findall(attributes))


def opens_panel(attributes: str) -> bool:
    """Whether a button or link opens the panel of an accordion, and no menu or window."""
    small = attributes.lower()
    if not any(sign in small for sign in _OPENING_SIGNS):
        return False
    return bool(_OPENS.search(small)) and not _TAB.search(small) and not _OPENS_ELSE.search(small)


def panel_of_tab(attributes: str) -> str:
    """The id of the panel that a button or link shows, if it is a tab; empty for others."""
    small = attributes.lower()
    if not (("tab" in small or "pill" in small) and _TAB.search(small)):
        return ""
    found = _PANEL.search(attributes)
    return found[1] if found else ""


def says_title(attributes: str) -> bool:
    """Whether the class of an element calls it a title."""
    small = attributes.lower()
    return any(sign in small for sign in _TITLE_SIGNS) and bool(_TITLE_NAME.search(small))


@lru_cache(2048)
def says_frame(attributes: str) -> tuple[bool, Kind | None]:
    """Whether the role of an element says that it is frame; and the kind of its class or id, if it does."""
    found = attributes_of(attributes)
    role = found.get("role")
    if role == "main":
        return False, None
    kind: Kind | None = None
    for name in f"{found.get('class', '')} {found.get('id', '')}".split():
        if len(name) < 3 or _WITH_OR_WITHOUT.fullmatch(name):
            continue
        if _FRAME_NAMES.fullmatch(name):
            kind = "part"
            break
        if _OTHERS_NAMES.fullmatch(name):
            kind = "others"
        elif _PLACE_NAMES.fullmatch(name) and not _NOT_PLACES.fullmatch(name):
            kind = kind or "place"
        elif _CAPTION_NAMES.fullmatch(name):
            kind = kind or "caption"
    return role in _FRAME_ROLES, kind
