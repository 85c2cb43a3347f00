# make demo, make test, make bench, make docs: each makes the environment it needs, in .venv.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin

.PHONY: demo test integrations mutants bench speeds lint docs clean

demo: $(VENV)/.demo
	$(BIN)/python examples/quickstart.py

# Each test worker has a core of its own, over which BLAS threads would only fight.
test: $(VENV)/.test
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto

# Other tools with skmlp, DataFrames of polars and pyarrow among them, in an environment of their own:
# they bring a hundred packages.
integrations:
	$(MAKE) VENV=.venv-integrations .venv-integrations/.integrations
	OPENBLAS_NUM_THREADS=1 .venv-integrations/bin/python -m pytest --durations=5 tests/integrations \
	    tests/test_bad_input.py tests/test_tabular_encoder.py tests/test_tabular_mlp.py \
	    tests/test_docs.py::test_what_a_page_shows_with_another_tool_runs_where_that_is

# What the tests would not notice: minutes to an hour, and no part of CI.
mutants: $(VENV)/.mutants
	OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 $(BIN)/python -m tests.mutants

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --strict --follow-imports=silent --config-file= tests/typed/user.py
	$(BIN)/pyright --pythonpath $(BIN)/python --project tests/typed
	$(BIN)/zizmor --offline --quiet .github

# Data from the folder SKMLP_DATA, else through scikit-learn's fetchers.
bench: $(VENV)/.bench
	$(BIN)/python -m benchmarks

# The speeds that README.md and the user guide show, measured anew; for a machine that is idle.
speeds: $(VENV)/.bench
	$(BIN)/python -m benchmarks.speeds

# A warning is an error; a page that was not touched is not built again.
docs: $(VENV)/.docs
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet docs docs/_build/html
	@echo "The documentation: docs/_build/html/index.html"

# One stamp per extra: what an extra needs is installed once, and again when the metadata change.
$(VENV)/.demo: EXTRA = plot
$(VENV)/.test: EXTRA = test,plot
$(VENV)/.integrations: EXTRA = integrations
$(VENV)/.mutants: EXTRA = test,mutants
$(VENV)/.lint: EXTRA = lint
$(VENV)/.bench: EXTRA = bench
$(VENV)/.docs: EXTRA = docs

$(VENV)/.%: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable ".[$(EXTRA)]"
	touch $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

clean:
	rm -rf $(VENV) .venv-integrations build dist *.egg-info docs/_build docs/generated docs/gallery docs/api.rst
