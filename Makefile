# Everything a newcomer needs: `make demo` shows it, `make test` checks it. Both set the project up first.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
READY   = $(VENV)/.ready
OUT    ?= demo-audit

.PHONY: demo test test-all lint types setup tunings model held-out benchmarks pins clean

demo: $(READY)
	$(BIN)/gap-audit demo --out $(OUT)

test: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder -m "not browser and not office and not notebook and not cluster"

# also the parts that need Chromium and LibreOffice, or start a Dask cluster
test-all: $(READY)
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

setup: $(READY)

$(READY): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gap-audit needs Python 3.11 or newer; try: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(READY)

# tunes the encoder on the gold passages, which the model is trained with; takes about an hour, and torch
tunings: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check torch tokenizers
	$(BIN)/python -m gapaudit.tune

# trains the coder's model anew from the codebook's cues and the gold passages in tests/gold/
model: $(READY)
	$(BIN)/python -m gapaudit.train

# accuracy on sites that were held out whole, in twelve rounds
held-out: $(READY)
	$(BIN)/python -m gapaudit.held_out

# all benchmarks, one after another; takes about half an hour and wants the machine to itself
benchmarks: $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check trafilatura lxml_html_clean
	PYTHONPATH=. $(BIN)/python benchmarks/crawl_speed.py
	PYTHONPATH=. $(BIN)/python benchmarks/analysis_speed.py
	PYTHONPATH=. $(BIN)/python benchmarks/scale.py 1000 10000
	PYTHONPATH=. $(BIN)/python benchmarks/workers.py
	PYTHONPATH=. $(BIN)/python benchmarks/workbook_size.py

# renews the pinned versions (needs uv: pip install uv)
pins:
	uv pip compile pyproject.toml --extra dev --extra render --extra notebooks --extra cluster --extra commoncrawl --extra s3 --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --no-header --quiet -o requirements/dev.txt

clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache
