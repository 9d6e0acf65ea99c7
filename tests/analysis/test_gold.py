from collections import Counter
from pathlib import Path

import pytest

from analysis.codebook import load_codebook
from analysis.gold import read_items, read_passages
from common.errors import DataFileError

FOLDER = Path(__file__).parent.parent / "gold"


def test_the_gold_set_is_wide_enough():
    passages = read_passages(FOLDER)
    codebook = load_codebook()
    assert len(passages) >= 600
    languages = Counter(passage.language for passage in passages)
    assert languages.keys() == codebook.languages.keys()
    assert min(languages.values()) >= 40
    measures = Counter(measure for passage in passages for measure in passage.measures)
    assert min(measures[measure] for measure in codebook.measures) >= 20
    assert {passage.social for passage in passages} == {0, 1, 2, 3, 4}
    assert len({passage.id for passage in passages}) == len(passages)


def test_near_misses_come_in_pairs_that_differ():
    pairs: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    for passage in read_passages(FOLDER):
        if passage.pair:
            pairs.setdefault(passage.pair, []).append((passage.measures, passage.social))
    assert len(pairs) >= 75
    for name, decisions in pairs.items():
        assert len(decisions) == 2, name
        assert decisions[0] != decisions[1], name


def test_a_site_is_never_in_two_folds():
    folds: dict[tuple[str, str], set[int]] = {}
    for passage in read_passages(FOLDER):
        folds.setdefault((passage.language, passage.site), set()).add(passage.fold)
    assert all(len(found) == 1 for found in folds.values())


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("only text", "must be 'site | pair | measures | social | text'"),
        ("a||flying|0|text", "'flying' is not in the codebook"),
        ("a||training|7|text", "must be a level from 0 to 4"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, problem):
    (tmp_path / "en.txt").write_text(f"# comment\n{line}\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"en\.txt: line 2") as error:
        read_passages(tmp_path)
    assert problem in str(error.value)


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(DataFileError, match="holds no gold passages"):
        read_passages(tmp_path)


def test_items_name_measures_or_nothing_in_every_language():
    items = read_items(FOLDER / "items")
    codebook = load_codebook()
    by_language = Counter(item.language for item in items)
    assert by_language.keys() == codebook.languages.keys()
    assert min(by_language.values()) >= 100
    # advice is what is coded where nothing more specific is: no item of a list
    named = {item.measure for item in items if item.measure}
    assert named == set(codebook.measures) - {"advice"}
    assert len({(item.language, item.text) for item in items}) == len(items)


def test_sites_of_one_number_are_held_out_together(tmp_path):
    line = "|| - |0| Recycling bins are emptied on Monday.\n"
    (tmp_path / "en.txt").write_text(f"first{line}told@7{line}third{line}", encoding="utf-8")
    assert [(p.site, p.fold) for p in read_passages(tmp_path)] == [("first", 0), ("told", 7), ("third", 2)]
    (tmp_path / "en.txt").write_text(f"told@seven{line}", encoding="utf-8")
    with pytest.raises(DataFileError, match="line 1: site: what follows '@'"):
        read_passages(tmp_path)


@pytest.mark.parametrize("line", ["trade_fairs", "trade_fairs |", "fairs | stand hire"])
def test_an_item_that_cannot_be_understood_is_named(tmp_path, line):
    (tmp_path / "en.txt").write_text(f"- | VAT\n{line}\n", encoding="utf-8")
    with pytest.raises(DataFileError, match=r"en\.txt: line 2: must be 'measure \| text'"):
        read_items(tmp_path)
