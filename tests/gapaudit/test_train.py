"""The training is run whole by `make model`; here its parts, on few passages."""

from pathlib import Path

import numpy as np
import pytest

from analysis.codebook import load_codebook
from analysis.encoder import Tuning
from analysis.gold import read_passages
from analysis.model import (
    BYTES_A_UNIT,
    MODEL_FILE,
    all_labels,
    load_model,
    save_model,
    sigmoid,
)
from common.errors import DataFileError
from gapaudit.held_out import ROUNDS, hold_out, without
from gapaudit.train import fit_scale, fitted, passage_examples
from gapaudit.tunings import GROUPS, WHOLE, group_of, read_tunings, save_tunings

GOLD = Path(__file__).parent.parent / "gold"
FEW = 100  # a vector takes a few hundredths of a second


def test_the_model_file_is_small_and_fits_the_codebook():
    assert MODEL_FILE.stat().st_size < 8_500_000
    assert load_model().labels == all_labels()


@pytest.fixture(scope="module")
def examples():
    return passage_examples([p for p in read_passages(GOLD) if p.language == "en"][:FEW], load_model().tuning)


def test_the_same_examples_give_the_same_coefficients(examples):
    first, second = (fitted(examples, load_model().tuning, load_model().items) for _ in range(2))
    assert np.array_equal(first.by_deep.coefficients, second.by_deep.coefficients)
    assert first.by_deep.coefficients.shape == first.by_quick.coefficients.shape == (FEW, len(all_labels()))


def test_what_was_learned_says_of_the_examples_what_they_say(examples):
    model = fitted(examples, load_model().tuning, load_model().items)
    near = model.deep.kernel(examples.deep, "en")
    assert ((model.by_deep.values(near)[:, 0] > 0) == (examples.truth[:, 0] == 1)).mean() > 0.95


def test_a_model_is_read_as_it_was_written(examples, tmp_path):
    model = without(load_model(), examples, load_model().tuning, load_model().items)
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


def test_the_shipped_model_is_tuned_by_all_passages():
    shipped, whole = load_model().tuning, read_tunings().whole
    assert shipped.digest == whole.digest
    assert len({whole.digest, *(tuning.digest for tuning in read_tunings().groups)}) == 1 + GROUPS


def test_tunings_are_read_as_they_were_written(tmp_path):
    owners = (WHOLE, *map(str, range(GROUPS)))
    tunings = {
        owner: Tuning({"l6.q.b": np.full(3, n / 4, dtype=np.float16)}, {"l6.q.w": np.arange(n, n + 12, dtype=np.int8)})
        for n, owner in enumerate(owners)
    }
    save_tunings(tunings, tmp_path / "tunings.npz")
    again = read_tunings(tmp_path / "tunings.npz")
    assert [tuning.digest for tuning in (again.whole, *again.groups)] == [tunings[owner].digest for owner in owners]
    assert again.groups[1].scaled["l6.q.w"][0] == 2


def test_tunings_of_another_kind_are_refused(tmp_path):
    np.savez(tmp_path / "other.npz", other=np.zeros(3))
    for name in ("other.npz", "none.npz"):
        with pytest.raises(DataFileError, match="make tunings"):
            read_tunings(tmp_path / name)


def test_what_is_held_out_is_not_trained_on(monkeypatch):
    """Each round fits on passages of other site numbers only, with an encoder that was tuned without its group."""
    import gapaudit.held_out as module

    passages = [p for p in read_passages(GOLD) if p.language == "nl" and p.fold % ROUNDS in (2, 3)][:FEW]
    tunings = read_tunings()
    seen: list[tuple[int, str]] = []
    real = module.fitted

    def watched(examples, tuning, items):
        seen.append((len(examples.truth), tuning.digest))
        return real(examples, tuning, items)

    monkeypatch.setattr(module, "fitted", watched)
    monkeypatch.setattr(module, "fit_items", lambda *_: load_model().items)
    found = hold_out(passages, [], tunings)
    assert [one.passages for one in found] == [sum(p.fold % ROUNDS == part for p in passages) for part in (2, 3)]
    assert sorted(seen) == sorted(
        (len(passages) - one.passages, tunings.groups[group_of(part)].digest)
        for one, part in zip(found, (2, 3), strict=True)
    )
    for one in found:
        assert len(one.decisions["relevance"]) == one.passages
        assert all(0 <= confidence <= 1 for decided in one.decisions.values() for confidence, _ in decided)
