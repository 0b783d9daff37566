# make demo   set up, run the embedded benchmark, print its board
# make test   set up, run the tests
# make lint   format check, lint, types
# make bench  speed, as ratios against named peers (installs them)
# make board  tables and pictures of the committed records
# make site    static site of the committed records in results/site
# make verify  recompute the figures of the committed boards
# make records  run every method on the real corpora found under MIRBENCH_DATA (hours; resumes)

PYTHON ?= python3
PYTEST_ARGS ?= -n 2 --dist loadfile
VENV ?= .venv
BIN := $(VENV)/bin
EXTRAS ?= dev
comma := ,
READY := $(VENV)/.ready-$(subst $(comma),-,$(EXTRAS))

export OMP_NUM_THREADS ?= 1

DEMO := prior-frames mfcc-svm-frames scheirer-slaney-gaussian scheirer-slaney-gmm \
        scheirer-slaney-knn scheirer-slaney-kd cnn-frames
DEMO_NOTES := mfcc-svm peeters-gaussian note-lda
DEMO_GENRES := track-prior mfcc-lr track-mlp:trials=1
DEMO_TRACKS := random-order mfcc-stats mandel-ellis mandel-ellis-mp

.PHONY: demo test lint bench benchmarks board records verify site

demo: $(READY)
	$(BIN)/mirbench run $(DEMO) -p speech-music/mini --dir results/demo
	$(BIN)/mirbench run $(DEMO_NOTES) -p instruments/mini --dir results/demo
	$(BIN)/mirbench run $(DEMO_TRACKS) -p similarity/mini-artists --dir results/demo
	$(BIN)/mirbench run $(DEMO_GENRES) -p genre/mini --dir results/demo

test: $(READY)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench:
	$(MAKE) EXTRAS=dev,bench benchmarks

benchmarks: $(READY)
	$(BIN)/python benchmarks/descriptors.py
	$(BIN)/python benchmarks/instrument_descriptors.py
	$(BIN)/python benchmarks/overhead.py
	$(BIN)/python benchmarks/runs.py
	$(BIN)/python benchmarks/similarity.py
	$(BIN)/python benchmarks/interval_coverage.py
	$(BIN)/python benchmarks/data_path.py
	$(BIN)/python benchmarks/audit_planted.py

board: $(READY)
	$(BIN)/mirbench board --records leaderboards/records --dir leaderboards/boards > /dev/null
	$(BIN)/python -m baselines.similarity --ceiling leaderboards/boards/similarity.albums/ceiling.png > /dev/null

site: $(READY)
	$(BIN)/mirbench board --records leaderboards/records --site results/site

verify: $(READY)
	$(BIN)/mirbench verify --records leaderboards/records

records: $(READY)
	$(BIN)/python leaderboards/make_records.py

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "mirbench needs Python 3.11 or newer: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[$(EXTRAS)]'
	@touch $@
