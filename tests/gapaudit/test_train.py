"""The training is run whole by `make model`; here its parts, on few passages."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis.codebook import load_codebook
from analysis.gold import read_passages
from analysis.model import BYTES_A_UNIT, MODEL_FILE, OFFER, load_model, sigmoid
from gapaudit.held_out import hold_out
from gapaudit.train import fit, fit_scale, passage_examples

GOLD = Path(__file__).parent.parent / "gold"


def test_the_model_file_is_small_and_fits_the_codebook():
    assert MODEL_FILE.stat().st_size < 1_500_000
    assert load_model().labels == (OFFER, *load_codebook().measures)


@pytest.fixture(scope="module")
def examples():
    passages = [p for p in read_passages(GOLD) if p.language == "en"][:180]
    return passage_examples(passages, load_model().labels)


def test_the_same_examples_give_the_same_coefficients(examples):
    first, second = fit(examples), fit(examples)
    assert np.array_equal(first, second)
    assert first.shape == (180, 16)


def test_what_was_learned_says_of_the_examples_what_they_say(examples):
    model = replace(load_model(), passages=examples.vectors, coefficients=fit(examples))
    values = model.values(examples.vectors)
    assert ((values[:, 0] > 0) == (examples.truth[:, 0] == 1)).mean() > 0.95


def test_values_become_probabilities_that_tell_yes_from_no(examples):
    values = np.where(examples.truth == 1, 0.8, -0.8)
    scale = fit_scale(values, examples.truth)
    assert scale.shape == (2, 16)
    assert (sigmoid(scale[0] + scale[1] * 0.8) > 0.9).all()
    assert (sigmoid(scale[0] - scale[1] * 0.8) < 0.1).all()
    assert len(set(scale[1, 1:])) == 1  # one scale for all measures


def test_the_model_file_holds_the_vectors_that_were_trained_on():
    """Vectors are rounded before training, so that nothing is lost in the file."""
    stored = load_model().passages * BYTES_A_UNIT
    assert np.abs(stored - np.round(stored)).max() < 1e-9
    assert np.abs(stored).max() <= 127


def test_what_is_held_out_is_not_trained_on(monkeypatch):
    """Each round fits on passages of other site numbers only."""
    import gapaudit.held_out as module

    passages = [p for p in read_passages(GOLD) if p.language in ("de", "nl")]
    seen: list[int] = []
    real = module.fit

    def watched(examples):
        seen.append(len(examples.truth))
        return real(examples)

    monkeypatch.setattr(module, "fit", watched)
    (found,) = hold_out(passages, 1)
    assert seen == [len(passages) - found.passages]
    assert 0 < found.passages < len(passages)
