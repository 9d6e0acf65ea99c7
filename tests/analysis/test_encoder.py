"""The encoder's own file, as the wheel brings it, and a copy of it that is tuned."""

import numpy as np
import pytest

from analysis.encoder import (
    BLOCK,
    BLOCK_BYTES,
    MODEL,
    PLAIN,
    STEPS,
    Tuning,
    apply_tuning,
    model_path,
    open_encoder,
    tensors_of,
    tuning_arrays,
    tuning_of,
)
from analysis.model import load_model
from common.errors import DataFileError

MATRIX = 1536 * 384 // BLOCK  # blocks of a layer's widest matrix
TEXT = "We pay half of your stand at a trade fair abroad."


def test_the_tensors_of_the_wheels_file_are_those_of_twelve_layers():
    tensors = tensors_of(model_path())
    assert {name.split(".")[0] for name in tensors} == {"emb", *(f"l{number}" for number in range(12))}
    bias = tensors["l11.fi.b"]
    assert (bias.kind, bias.size) == (PLAIN, 1536)
    last = max(tensors.values(), key=lambda tensor: tensor.place)
    assert last.place < model_path().stat().st_size


def test_a_tuning_that_adds_nothing_changes_no_vector():
    nothing = Tuning({"l11.fi.b": np.zeros(1536, dtype=np.float16)}, {"l11.fi.w": np.zeros(MATRIX, dtype=np.int8)})
    assert np.array_equal(open_encoder(nothing).passage(TEXT), open_encoder().passage(TEXT))


@pytest.mark.parametrize(
    "tuning",
    [
        Tuning({"l11.oln.b": np.ones(384, dtype=np.float16)}, {}),
        Tuning({}, {"l11.fi.w": np.full(MATRIX, STEPS // 3, dtype=np.int8)}),
    ],
)
def test_a_tuning_changes_the_vectors_of_its_encoder_only(tuning):
    before = open_encoder().passage(TEXT)
    tuned = open_encoder(tuning).passage(TEXT)
    assert np.abs(tuned - before).max() > 0.01
    assert np.linalg.norm(tuned) == pytest.approx(1, abs=1e-3)
    assert np.array_equal(open_encoder().passage(TEXT), before)


def test_scales_grow_by_their_steps_and_all_else_stays(tmp_path):
    path = tmp_path / MODEL
    path.write_bytes(model_path().read_bytes())
    steps = np.zeros(MATRIX, dtype=np.int8)
    steps[0], steps[7] = STEPS // 4, -STEPS // 2
    apply_tuning(path, Tuning({}, {"l11.fi.w": steps}))
    place = tensors_of(path)["l11.fi.w"].place
    before, after = (
        np.frombuffer(file.read_bytes()[place:], dtype=np.uint8, count=8 * BLOCK_BYTES).reshape(8, BLOCK_BYTES)
        for file in (model_path(), path)
    )
    grown = after[:, :2].copy().view("<f2").ravel() / before[:, :2].copy().view("<f2").ravel()
    assert grown == pytest.approx([1.25, 1, 1, 1, 1, 1, 1, 0.5], rel=1e-3)
    assert np.array_equal(after[:, 2:], before[:, 2:])
    left, right = (file.read_bytes() for file in (model_path(), path))
    assert left[:place] == right[:place]
    assert left[place + 8 * BLOCK_BYTES :] == right[place + 8 * BLOCK_BYTES :]


def test_a_tuning_is_read_again_from_arrays_of_a_file():
    tuning = load_model().tuning
    again = tuning_of({**tuning_arrays(tuning), "labels": np.array(["offer"])})
    assert again.digest == tuning.digest
    assert again.added.keys() == tuning.added.keys()
    assert again.scaled.keys() == tuning.scaled.keys()


def test_no_copy_of_the_encoder_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    open_encoder(load_model().tuning)
    assert list(tmp_path.iterdir()) == []


def test_the_shipped_tuning_changes_norms_biases_and_scales_of_upper_layers():
    tuning = load_model().tuning
    for changes in (tuning.added, tuning.scaled):
        assert {int(name[1:].split(".")[0]) for name in changes} == set(range(6, 12))
        assert all(np.isfinite(change).all() and np.abs(change).max() > 0 for change in changes.values())
    assert all(name.endswith(".b") or "ln" in name for name in tuning.added)
    assert all(name.endswith(".w") and "ln" not in name for name in tuning.scaled)
    assert max(np.abs(steps).max() for steps in tuning.scaled.values()) < np.iinfo(np.int8).max  # none was cut off


@pytest.mark.parametrize("name", ["l11.fi.b", "l12.fi.b", "l11.fi.w"])
def test_a_tuning_of_another_release_is_refused(name):
    with pytest.raises(DataFileError, match=name):
        open_encoder(Tuning({name: np.zeros(3, dtype=np.float16)}, {}))


@pytest.mark.parametrize("name", ["l11.fi.w", "l12.fi.w", "l11.fi.b"])
def test_scales_of_another_release_are_refused(name):
    with pytest.raises(DataFileError, match=name):
        open_encoder(Tuning({}, {name: np.zeros(3, dtype=np.int8)}))


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / MODEL
    path.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(DataFileError, match="no file of the encoder"):
        tensors_of(path)


def test_a_full_disk_is_said_in_one_line(monkeypatch):
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(DataFileError, match="No space left"):
        open_encoder(Tuning({}, {}))
