"""The training is run whole by `make model`; here its parts, on few passages."""

from pathlib import Path

import numpy as np
import pytest

from analysis.codebook import load_codebook
from analysis.gold import read_passages
from analysis.model import (
    BYTES_A_UNIT,
    MODEL_FILE,
    QUICK_WIDTH,
    all_labels,
    both,
    kernel,
    load_model,
    save_model,
    sigmoid,
)
from gapaudit.held_out import hold_out, without
from gapaudit.train import QUICK_STRENGTH, fit_scale, fitted, models_without, passage_examples

GOLD = Path(__file__).parent.parent / "gold"
FEW = 100  # a vector takes a few hundredths of a second


def test_the_model_file_is_small_and_fits_the_codebook():
    assert MODEL_FILE.stat().st_size < 6_000_000
    assert load_model().labels == all_labels()


@pytest.fixture(scope="module")
def examples():
    return passage_examples([p for p in read_passages(GOLD) if p.language == "en"][:FEW])


def test_the_same_examples_give_the_same_coefficients(examples):
    first, second = fitted(examples), fitted(examples)
    assert np.array_equal(first.by_both.coefficients, second.by_both.coefficients)
    assert first.by_both.coefficients.shape == first.by_quick.coefficients.shape == (FEW, len(all_labels()))


def test_a_model_without_some_examples_is_the_one_that_the_others_give(examples):
    folds = np.arange(FEW) % 5
    model = models_without(fitted(examples), examples, folds)[3]
    others = fitted(examples.where(folds != 3))
    near = kernel(model.quick.passages, model.quick.passages, QUICK_WIDTH)
    again = np.linalg.solve(near + QUICK_STRENGTH * np.eye(len(near)), 2.0 * examples.truth[folds != 3] - 1)
    assert np.allclose(model.by_quick.coefficients, again)
    assert model.by_both.coefficients.shape == others.by_both.coefficients.shape


def test_what_was_learned_says_of_the_examples_what_they_say(examples):
    model = fitted(examples)
    near = both(model.quick.kernel(examples.quick, "en"), model.deep.kernel(examples.deep, "en"))
    assert ((model.by_both.values(near)[:, 0] > 0) == (examples.truth[:, 0] == 1)).mean() > 0.95


def test_a_model_is_read_as_it_was_written(examples, tmp_path):
    model = without(load_model(), examples)
    save_model(model, tmp_path / "model.npz")
    again = load_model(tmp_path / "model.npz")
    text = ["We pay half of your stand at a trade fair abroad."]
    assert np.allclose(again.probabilities(text, "en"), model.probabilities(text, "en"), atol=1e-4)
    assert np.allclose(again.item_probabilities(text, "en"), model.item_probabilities(text, "en"), atol=1e-4)


def test_values_become_probabilities_that_tell_yes_from_no(examples):
    values = np.where(examples.truth == 1, 0.8, -0.8)
    scale = fit_scale(values, examples.truth)
    assert scale.shape == (2, len(all_labels()))
    assert (sigmoid(scale[0] + scale[1] * 0.8) > 0.9).all()
    assert (sigmoid(scale[0] - scale[1] * 0.8) < 0.1).all()
    measures = [place for place, label in enumerate(all_labels()) if label in load_codebook().measures]
    assert len(set(scale[1, measures])) == 1  # one scale for all measures


def test_the_model_file_holds_the_vectors_that_were_trained_on():
    """Vectors are rounded before training, so that nothing is lost in the file."""
    for space in (load_model().quick, load_model().deep):
        stored = space.passages * BYTES_A_UNIT
        assert np.abs(stored - np.round(stored)).max() < 1e-9
        assert np.abs(stored).max() <= 127


def test_what_is_held_out_is_not_trained_on(monkeypatch):
    """Each round fits on passages of other site numbers only."""
    import gapaudit.held_out as module

    passages = [p for p in read_passages(GOLD) if p.language == "nl"][:FEW]
    seen: list[int] = []
    real = module.fitted

    def watched(examples):
        seen.append(len(examples.truth))
        return real(examples)

    monkeypatch.setattr(module, "fitted", watched)
    (found,) = hold_out(passages, 1)
    assert seen == [len(passages) - found.passages]
    assert 0 < found.passages < len(passages)
    assert len(found.decisions["relevance"]) == found.passages
    assert all(0 <= confidence <= 1 for decided in found.decisions.values() for confidence, _ in decided)
