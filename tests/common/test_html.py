import time

import pytest

from common.html import DEEPEST, too_deep


@pytest.mark.parametrize("tag", ["div", "ul><li", "b", "table><tr><td", "SPAN"])
def test_nesting_that_harms_parsers_is_found(tag):
    assert too_deep(f"<{tag}>" * (DEEPEST + 1))


def test_long_pages_are_not_deep():
    assert not too_deep("<div><p>one<p>two<br></div>" * 10_000)
    assert not too_deep("<ul>" + "<li>one" * 10_000 + "</ul>")


def test_the_look_is_quick():
    began = time.process_time()
    too_deep("<a" * 5_000_000)
    assert time.process_time() - began < 5
