import pytest

from analysis.codebook import load_codebook
from analysis.coder import code_page
from analysis.cues import cue_finder
from analysis.jsonl import output_of
from analysis.page import page_from_text


@pytest.mark.parametrize(
    ("language", "text", "barrier"),
    [
        ("en", "Red tape keeps small firms from exporting. We fill in the export documents with you.", "paperwork"),
        (
            "fr",
            "La barrière de la langue freine vos exportations ? Nous organisons pour vous des missions commerciales.",
            "culture_language",
        ),
        ("ko", "언어 장벽 때문에 수출이 어려우십니까? 수출상담회에 통역을 지원합니다.", "culture_language"),
        ("pl", "Biurokracja odstrasza? Nasi doradcy pomagają eksporterom w formalnościach celnych.", "paperwork"),
    ],
)
def test_a_barrier_is_coded_where_the_text_names_it(language, text, barrier):
    coding = code_page(page_from_text(text), language)
    found = {b.barrier: b.evidence for programme in coding.programmes for b in programme.barriers}
    assert barrier in found
    for quote in found[barrier]:
        assert text[quote.start : quote.end] == quote.quote
    row = output_of("x", coding)
    assert barrier in row["barriers"]
    assert barrier in {entry["barrier"] for entry in row["barriers_named"]}


def test_each_language_has_words_for_barriers():
    for language in load_codebook().languages.values():
        assert len(language.barriers) >= 12, language.language
        for barrier, cues in language.barriers.items():
            hits = cue_finder(language.language).read(cues[0].replace("*", "").replace(" ~ ", " ").split("|")[0])
            assert barrier in {hit.concept[1] for hit in hits.family("barrier")}, (language.language, cues[0])
