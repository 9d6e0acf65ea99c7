"""Cutting texts into words and sentences, and what of a word counts."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.codebook import load_codebook
from analysis.words import bare_word, sentences_of, tokeniser

LANGUAGES = load_codebook().languages
PIPELINES = {name: tokeniser(LANGUAGES[name]) for name in ("en", "ja")}


def cut(text: str, language: str) -> list[str]:
    return [text[start:end] for start, end in sentences_of(PIPELINES[language](text), text)[0]]


@pytest.mark.parametrize(
    ("text", "language", "sentences"),
    [
        ("We pay half. Apply by May!\nCall us.", "en", ["We pay half.", "Apply by May!", "Call us."]),
        ("展示会に出ませんか？費用は県が持ちます。", "ja", ["展示会に出ませんか？", "費用は県が持ちます。"]),
        ("", "en", []),
    ],
)
def test_a_sentence_ends_at_its_mark_or_line(text, language, sentences):
    assert cut(text, language) == sentences


@given(st.text(max_size=80), st.sampled_from(sorted(PIPELINES)))
def test_every_token_has_a_sentence_and_none_overlap(text, language):
    doc = PIPELINES[language](text)
    sentences, sentence_of = sentences_of(doc, text)
    assert len(sentence_of) == len(doc)
    assert all(number < len(sentences) for number in sentence_of)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(sentences))


@pytest.mark.parametrize(
    ("word", "language", "bare"),
    [
        ("İHRACAT", "tr", "ihracat"),
        ("والمصدرين", "ar", "المصدرين"),
        ("參加展會", "zh", "参加展会"),
        ("L’Export", "fr", "l'export"),
    ],
)
def test_what_of_a_word_counts(word, language, bare):
    assert bare_word(word, language) == bare
