"""The notebooks run on the sample web's audit."""

import json
from pathlib import Path

import pandas as pd
import pytest

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook(path, demo_audit, monkeypatch):
    monkeypatch.setenv("GAP_AUDIT_FOLDER", str(demo_audit))
    names: dict[str, object] = {}
    for cell in json.loads(path.read_text())["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), names)
    gap = names["gap"]
    assert isinstance(gap, pd.DataFrame)
    assert gap.with_social_media.sum() > 0
