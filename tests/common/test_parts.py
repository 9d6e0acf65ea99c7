"""Parts here, in processes and on a real Dask scheduler with two workers, some of which die under their work."""

import os
import signal
from pathlib import Path

import pytest

from common.errors import ClusterError, DataFileError
from common.parts import Where, work_on


def double(number: int) -> int:
    if number == 3:
        raise DataFileError("three is not liked")
    if number == 4:
        raise ValueError("nor is four\nat all")
    return 2 * number


def killed_by_seven(number: int) -> int:
    if number == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def killed_once(mark: str) -> str:
    if not Path(mark).exists():
        Path(mark).write_text("was here")
        os.kill(os.getpid(), signal.SIGKILL)
    return mark


def outcome(work, parts, where=None):
    return {done.part: done.result if not done.problem else done.problem for done in work_on(work, parts, where)}


@pytest.mark.parametrize("processes", [1, 2])
def test_a_failed_part_is_named_and_the_others_go_on(processes):
    assert outcome(double, range(6), Where(processes=processes)) == {
        0: 0, 1: 2, 2: 4, 3: "three is not liked", 4: "ValueError: nor is four", 5: 10,
    }  # fmt: skip


def test_no_part_but_the_one_under_which_processes_die_is_given_up():
    found = outcome(killed_by_seven, range(12), Where(processes=2))
    assert "killed" in found.pop(7)
    assert found == {number: number for number in range(12) if number != 7}


def test_a_part_whose_process_is_killed_is_tried_again(tmp_path):
    marks = [str(tmp_path / f"mark{number}") for number in range(3)]
    assert outcome(killed_once, marks, Where(processes=2)) == {mark: mark for mark in marks}


def test_parts_are_taken_as_they_are_needed():
    taken = []

    def parts():
        for number in range(100):
            taken.append(number)
            yield number

    work = work_on(double, parts(), Where(processes=2))
    next(work)
    assert len(taken) < 10
    work.close()


def test_parts_on_a_cluster(cluster):
    assert outcome(double, range(6), Where(cluster.address)) == {
        0: 0, 1: 2, 2: 4, 3: "three is not liked", 4: "ValueError: nor is four", 5: 10,
    }  # fmt: skip


def test_a_part_whose_worker_dies_is_done_by_another(cluster, tmp_path):
    marks = [str(tmp_path / "mark")]
    assert outcome(killed_once, marks, Where(cluster.address)) == {marks[0]: marks[0]}


def test_a_cluster_that_is_not_there_is_said_in_one_line(monkeypatch):
    monkeypatch.setattr("common.parts.CONNECT", "1s")
    with pytest.raises(ClusterError, match="no Dask scheduler there"):
        list(work_on(double, [1], Where("tcp://127.0.0.1:9")))
