# Two commands on a fresh machine (Python 3.11 to 3.13 and make):
#   make report   a virtual environment, the pinned requirements, the sample engagement, a report
#   make test     every check: style, types, tests, doctests, notebooks
# While you work:
#   make quick    style, types and the tests of what has changed since the last commit
# Where Java 17 is:
#   make test-cluster   a Spark cluster of a master and two workers on this machine: 400 MB, a minute or two
PYTHON ?= python3
SAMPLE ?= lead_to_cash
VENV := .venv
BIN := $(VENV)/bin

.PHONY: report test test-cluster quick lab format lock notebooks clean

report: $(VENV)/run.stamp
	@$(BIN)/assess run data/samples/$(SAMPLE)

lab: $(VENV)/run.stamp
	@$(BIN)/assess lab data/samples/$(SAMPLE)

test: $(VENV)/test.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q -n auto --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest -q -n auto --dist loadfile -c tests/nbval.ini --rootdir=. --nbval --nbval-current-env notebooks

# Spark is not in the lock; its output says how many tasks each worker had.
test-cluster: $(VENV)/test.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pyspark[connect]>=4,<4.1'
	$(BIN)/python -m pytest -q -s tests/evidence/quality/test_cluster.py

quick: $(VENV)/test.stamp
	@$(BIN)/ruff check -q .
	@$(BIN)/ruff format -q --check .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest -q -n auto --dist loadfile -m "not slow and not browser" $$($(BIN)/python tests/changed.py)

format: $(VENV)/test.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Execute the notebooks on the sample and keep their outputs, which `make test` compares with.
notebooks: $(VENV)/test.stamp
	TQDM_DISABLE=1 $(BIN)/jupyter nbconvert --to notebook --execute --inplace \
	  --ExecutePreprocessor.record_timing=False --ClearMetadataPreprocessor.enabled=True \
	  --ClearMetadataPreprocessor.preserve_cell_metadata_mask='[("tags")]' \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask='["kernelspec", "language_info"]' notebooks/*.ipynb

# The lock: every package that pyproject.toml leads to, JupyterLab, Voila and the deep profiles among them, at the version that was tested.
lock:
	uv pip compile pyproject.toml --extra lab --extra voila --extra profiles --python-version 3.11 --universal --no-header -q -o requirements.txt
	uv pip compile pyproject.toml --extra lab --extra voila --extra profiles --extra test --python-version 3.11 --universal --no-header -q -c requirements.txt -o requirements-test.txt

$(VENV)/python.stamp:
	@$(PYTHON) -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" || \
	  { echo "Assess needs Python 3.11, 3.12 or 3.13; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/run.stamp: $(VENV)/python.stamp requirements.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-test.txt
	@touch $@

clean:
	rm -rf $(VENV) reports .pytest_cache .mypy_cache .ruff_cache
