"""Cutting the text of a language into words and sentences, and what of a word counts when words are compared."""

import re
from collections.abc import Callable
from functools import cache

import spacy
from spacy.attrs import IDX, IS_PUNCT, LENGTH, ORTH
from spacy.language import Language as Pipeline
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from analysis.codebook import Language
from common.text import plain

_SENTENCE_ENDS = (".", "!", "?", "؟", "。", "！", "？", "\n")
# kana, Chinese characters, Hangul syllables and the punctuation that goes with them. The cut is before and after each,
# for the tokeniser passes over a match at the beginning of a word
_SINGLE = "[\u3001-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff01-\uff65「」『』（）()・/,:;!?]"
_AROUND_SINGLE = re.compile(f"(?<={_SINGLE})|(?={_SINGLE})|(?=\\.(?:\\s|$))")
_AND_THE = ("وال", "فال", "ولل", "وبال")


def tokeniser(language: Language) -> Pipeline:
    """spaCy's tokeniser of the language, or one that makes a token of each character that is written without spaces."""
    if language.writing == "characters":
        pipeline: Pipeline = spacy.blank("xx")
        pipeline.tokenizer = Tokenizer(pipeline.vocab, infix_finditer=_AROUND_SINGLE.finditer)
    else:
        pipeline = spacy.blank(language.language)
    pipeline.max_length = 2_000_000
    return pipeline


def bare_word(word: str, language: str) -> str:
    """A word as the stemmer wants it: in lower case, with what a language writes together with it taken off."""
    if language == "tr":
        word = word.replace("İ", "i").replace("I", "ı")
    elif language == "ar":
        word = plain(word)
        if word.startswith(_AND_THE):
            word = word[1:]  # 'and the exporters' is one word
    elif language == "zh":
        word = simplified()(word)
    return word.lower().replace("’", "'")


@cache
def simplified() -> Callable[[str], str]:
    """Turns traditional Chinese characters into simplified ones."""
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def sentences_of(doc: Doc, text: str) -> tuple[list[tuple[int, int]], list[int]]:
    """The sentences of a text in characters, and for each token the number of its sentence.

    A sentence begins with the first word after a full stop or line break, as spaCy's sentencizer has it, which makes a
    Python object of each token.
    """
    sentences: list[tuple[int, int]] = []
    sentence_of: list[int] = []
    start = 0
    ended = False
    rows = doc.to_array([IDX, LENGTH, IS_PUNCT, ORTH]).tolist() if len(doc) else []
    ends = {doc.vocab.strings[mark] for mark in _SENTENCE_ENDS}
    for position, _, punctuation, word in rows:
        if word in ends:
            ended = True
        elif ended and not punctuation:
            sentences.append(_trimmed(text, start, position))
            start, ended = position, False
        sentence_of.append(len(sentences))
    if rows:
        sentences.append(_trimmed(text, start, rows[-1][0] + rows[-1][1]))
    return sentences, sentence_of


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
