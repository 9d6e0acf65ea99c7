"""How fast pages are analysed, against what a user would do instead: trafilatura, then spaCy's PhraseMatcher, or
sentence vectors over all text.

    python benchmarks/analysis_speed.py [PAGES [FOLDER]]

All run on one core, in one process, over the same HTML of about 130 KB a page: a mixture in which one page in ten is
relevant, as in a real crawl, relevant pages alone, and real pages where a FOLDER has some. The figures are ratios of
one run; a noisy machine slows both.
"""

import os

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import spacy
import trafilatura
from spacy.matcher import PhraseMatcher

from analysis import vectors
from analysis.codebook import load_codebook
from analysis.coder import code_page
from analysis.decode import decoded
from analysis.gold import GoldPassage, read_passages
from analysis.html_text import read_html
from analysis.language import detect_language
from analysis.page import assemble
from analysis.vectors import quick_vectors

SIZE = 130_000  # bytes of HTML a page
WORDS = 600  # of text a page
GOLD = Path(__file__).parent.parent / "tests" / "gold"


def page(number: int, passages: list[GoldPassage], chance: np.random.Generator) -> bytes:
    """A page as a content management system makes it: styles, scripts, menus, cards and a text of WORDS words."""
    parts, words = [], 0
    while words < WORDS:
        passage = passages[int(chance.integers(0, len(passages)))]
        words += len(passage.text.split())
        for line in passage.text.splitlines():
            heading = line.startswith("# ")
            parts.append(f"<h2>{line[2:]}</h2>" if heading else f'<div class="text-block"><p>{line}</p></div>')
    menu = "".join(f'<li class="menu-item"><a href="/section/{n}/">Section {n}</a></li>' for n in range(150))
    top = f"""<!doctype html><html lang="en"><head><title>Page {number}</title><meta charset="utf-8">"""
    end = '<footer class="site-footer"><a href="https://facebook.com/x">Facebook</a></footer></body></html>'
    body = f'<nav class="main-nav"><ul>{menu}</ul></nav><main><h1>Page {number}</h1>{"".join(parts)}</main>{end}'
    missing = max(SIZE - len(top) - len(body), 0)
    styles = "".join(f".c{n}{{margin:{n}px;padding:{n}px}}" for n in range(missing // 3 // 24))
    script = f"<script>window.data={{{','.join(f'k{n}:{n}' for n in range((missing - len(styles)) // 12))}}};</script>"
    return f"{top}<style>{styles}</style></head><body>{script}{body}".encode()


def ours(html: bytes) -> bool:
    """The whole analysis of one page."""
    found = read_html(decoded(html, ""))
    text = assemble(found.title, found.blocks, found.language)
    return code_page(text, detect_language(text.main, found.language)).relevant


def other_way() -> Callable[[bytes], bool]:
    """trafilatura's default, then spaCy's PhraseMatcher with the same cues."""
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    matcher = PhraseMatcher(pipeline.vocab, attr="LOWER")
    for measure, cues in load_codebook().languages["en"].measures.items():
        matcher.add(measure, [pipeline.make_doc(c.strip("*=")) for c in (*cues.strong, *cues.weak) if "~" not in c])

    def code(html: bytes) -> bool:
        text = trafilatura.extract(html) or ""
        return bool(matcher(pipeline(text)))

    return code


def vectors_over_all() -> Callable[[bytes], bool]:
    """trafilatura's default, then the vector of every sentence, compared with that of one description."""
    pipeline = spacy.blank("en")
    pipeline.add_pipe("sentencizer")
    wanted = quick_vectors(["help for small firms that want to sell abroad"], "en")[0]

    def code(html: bytes) -> bool:
        sentences = [sent.text.strip() for sent in pipeline(trafilatura.extract(html) or "").sents]
        return bool(sentences) and bool((quick_vectors(sentences, "en") @ wanted).max() > 0.5)

    return code


def pages_a_second(code: Callable[[bytes], bool], pages: list[bytes], times: int = 2) -> tuple[float, int]:
    """How many pages a second, and how many of them were found relevant: the faster of some passes, the first of which
    also loads what the languages of the pages need."""
    best = 0.0
    for _ in range(times):
        vectors._deep_vector.cache_clear()  # else the second pass would find the vectors of the first
        start = time.perf_counter()
        found = sum(code(html) for html in pages)
        best = max(best, len(pages) / (time.perf_counter() - start))
    return best, found


def main(count: int = 200, folder: str = "") -> None:
    """Print the table."""
    chance = np.random.default_rng(1)
    passages = [p for p in read_passages(GOLD) if p.language == "en"]
    relevant, others = [p for p in passages if p.relevant], [p for p in passages if not p.relevant]
    mixture = [page(n, relevant if n % 10 == 0 else others, chance) for n in range(count)]
    alone = [page(n, relevant, chance) for n in range(count // 4)]
    kinds = [("mixture, 1 in 10 relevant", mixture), ("relevant pages alone", alone)]
    if folder:
        files = sorted(file for file in Path(folder).rglob("*.html") if 90_000 < file.stat().st_size < 200_000)
        kinds.append(
            (f"{len(files[:count])} real pages of about 130 KB", [file.read_bytes() for file in files[:count]])
        )
    other, over_all = other_way(), vectors_over_all()
    ours(mixture[0]), other(mixture[0]), over_all(mixture[0])  # models are loaded before the clock starts
    print(f"{count} pages of {sum(map(len, mixture)) / count / 1000:.0f} KB")
    print(
        "| | gap-audit, pages/s | relevant | trafilatura + PhraseMatcher, pages/s | ratio | + vectors of all | ratio |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, pages in kinds:
        (mine, found), (theirs, _) = pages_a_second(ours, pages), pages_a_second(other, pages)
        slow, _ = pages_a_second(over_all, pages[:25], 1)
        print(
            f"| {name} | {mine:.1f} | {found} of {len(pages)} | {theirs:.1f} | {mine / theirs:.1f} "
            f"| {slow:.1f} | {mine / slow:.1f} |"
        )
    print(f"peak memory of all: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *sys.argv[2:3])
