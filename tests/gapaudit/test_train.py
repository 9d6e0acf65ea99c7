"""The training is run whole by `make model`; here its parts, on few passages."""

from pathlib import Path

import numpy as np

from analysis.codebook import load_codebook
from analysis.gold import read_passages
from analysis.model import MODEL_FILE, OFFER, load_model
from gapaudit.held_out import hold_out
from gapaudit.train import Examples, fit, passage_examples

GOLD = Path(__file__).parent.parent / "gold"


def test_the_model_file_is_small_and_fits_the_codebook():
    assert MODEL_FILE.stat().st_size < 200_000
    assert load_model().labels == (OFFER, *load_codebook().measures)


def test_the_same_examples_give_the_same_weights():
    labels = load_model().labels
    passages = [p for p in read_passages(GOLD) if p.language == "en"][:180]
    examples = passage_examples(passages, labels)
    nothing = Examples(examples.vectors[:0], examples.truth[:0], examples.weight[:0])
    first, second = fit(nothing, examples), fit(nothing, examples)
    assert np.array_equal(first[0], second[0])
    assert first[0].shape == (16, 512)


def test_what_is_held_out_is_not_trained_on(monkeypatch):
    """Each round fits on passages of other site numbers only."""
    import gapaudit.held_out as module

    passages = [p for p in read_passages(GOLD) if p.language in ("de", "nl")]
    seen: list[int] = []
    real = module.fit

    def watched(cues, examples):
        seen.append(len(examples.truth))
        return real(cues, examples)

    monkeypatch.setattr(module, "fit", watched)
    monkeypatch.setattr(
        module, "cue_examples", lambda labels: Examples(np.zeros((0, 512)), np.zeros((0, 16)), np.zeros(0))
    )
    (found,) = hold_out(passages, 1)
    assert seen == [len(passages) - found.passages]
    assert 0 < found.passages < len(passages)
