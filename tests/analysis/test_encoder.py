"""The encoder's own file, as the wheel brings it, and a copy of it that is tuned."""

import numpy as np
import pytest

from analysis.encoder import MODEL, PLAIN, Tuning, model_path, open_encoder, tensors_of
from analysis.model import load_model
from common.errors import DataFileError

TEXT = "We pay half of your stand at a trade fair abroad."


def test_the_tensors_of_the_wheels_file_are_those_of_twelve_layers():
    tensors = tensors_of(model_path())
    assert {name.split(".")[0] for name in tensors} == {"emb", *(f"l{number}" for number in range(12))}
    bias = tensors["l11.fi.b"]
    assert (bias.kind, bias.size) == (PLAIN, 1536)
    last = max(tensors.values(), key=lambda tensor: tensor.place)
    assert last.place < model_path().stat().st_size


def test_a_tuning_that_adds_nothing_changes_no_vector():
    nothing = Tuning({"l11.fi.b": np.zeros(1536, dtype=np.float32)})
    assert np.array_equal(open_encoder(nothing).passage(TEXT), open_encoder().passage(TEXT))


def test_a_tuning_changes_the_vectors_of_its_encoder_only():
    before = open_encoder().passage(TEXT)
    tuned = open_encoder(Tuning({"l11.oln.b": np.ones(384, dtype=np.float32)})).passage(TEXT)
    assert np.abs(tuned - before).max() > 0.01
    assert np.linalg.norm(tuned) == pytest.approx(1, abs=1e-3)
    assert np.array_equal(open_encoder().passage(TEXT), before)


def test_no_copy_of_the_encoder_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    open_encoder(load_model().tuning)
    assert list(tmp_path.iterdir()) == []


def test_the_shipped_tuning_changes_the_norms_and_biases_of_upper_layers():
    changes = load_model().tuning.changes
    assert {int(name[1:].split(".")[0]) for name in changes} == set(range(6, 12))
    assert all(name.endswith(".b") or "ln" in name for name in changes)
    assert all(np.isfinite(change).all() and np.abs(change).max() > 0 for change in changes.values())


@pytest.mark.parametrize("name", ["l11.fi.b", "l12.fi.b", "l11.fi.w"])
def test_a_tuning_of_another_release_is_refused(name):
    with pytest.raises(DataFileError, match=name):
        open_encoder(Tuning({name: np.zeros(3, dtype=np.float32)}))


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
        open_encoder(Tuning({}))
