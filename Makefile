# Two commands on a fresh machine: `make demo`, `make test`. Needs Python 3.11+ and a C library, nothing else.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip --disable-pip-version-check install --quiet

.PHONY: demo test interop bench check train train-fracture train-nodule faults format clean

demo: $(VENV)/.demo  ## the main job end to end on sample input, then keep serving (ONCE=1: run it and exit)
	$(BIN)/cdss demo $(if $(ONCE),--once)

test: $(VENV)/.dev  ## the whole suite; tests that need CDSS_DATA say so when it is unset
	$(BIN)/pytest -m "not interop"

interop: $(VENV)/.dev  ## tests against real peers from Debian's packages; a missing peer is named
	$(BIN)/pytest -m interop

check: $(VENV)/.dev  ## what editor, hook and CI agree on
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/cdss rules lint
	$(BIN)/cdss rules test
	$(BIN)/pytest -m "not slow and not data and not interop"

bench: $(VENV)/.dev  ## speeds as ratios against named baselines in one run
	$(BIN)/python -m tests.bench

faults: $(VENV)/.dev  ## kill, fill and starve the service; FAULTS=100 for the long setting
	$(BIN)/pytest tests/faults -m "slow or not slow"

train: $(VENV)/.dev  ## train all models from $CDSS_DATA (hours on 2 cores); MODEL=name for one
	for name in $(or $(MODEL),diabetes_screen diabetes_incident_cn bp_control ckd_alert fracture lung_nodule lung_nodule_malignancy); do \
	  $(BIN)/cdss train $$name || exit 1; done

train-fracture: $(VENV)/.dev  ## the fracture nets: resumable, on a GPU if there is one
	$(BIN)/cdss train fracture

train-nodule: $(VENV)/.dev  ## the nodule nets: both looks, then the malignancy rating
	$(BIN)/cdss train lung_nodule
	$(BIN)/cdss train lung_nodule_malignancy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(VENV)/.base: pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.demo: $(VENV)/.base
	$(PIP) --editable '.[demo]'
	touch $@

# The CPU build of torch comes first: whatever depends on torch would otherwise bring its CUDA packages.
$(VENV)/.dev: $(VENV)/.base
	$(PIP) torch==2.13.0
	$(PIP) --editable '.[dev]'
	touch $@
