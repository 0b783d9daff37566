"""The import graph keeps the layers, read from the source without running it."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HEAVY_JUDGING = {"torch", "librosa", "skorch", "soundfile", "soxr"}


def imports(path, *, lazy=True):
    """Names of modules that a file imports; ``lazy`` counts those inside functions too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = ast.walk(tree) if lazy else tree.body
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def files(*parts):
    path = ROOT.joinpath(*parts)
    return sorted(path.rglob("*.py")) if path.is_dir() else [path]


def offenders(where, forbidden):
    return [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in where
        for name in sorted(imports(path))
        if any(name == f or name.startswith(f + ".") for f in forbidden)
    ]


def test_the_harness_knows_no_method():
    assert not offenders(files("mirbench"), ["baselines", "deep"])


def test_running_and_judging_do_not_know_each_other():
    judging = [
        *files("mirbench", "metrics"),
        *files("mirbench", "stats"),
        *files("mirbench", "boards"),
    ]
    assert not offenders([*judging, *files("mirbench", "records.py")], ["mirbench.running"])
    assert not offenders(
        files("mirbench", "running"), ["mirbench.boards", "mirbench.stats", "mirbench.metrics"]
    )
    assert not offenders(judging, sorted(HEAVY_JUDGING))


@pytest.mark.parametrize(
    ("layer", "above"),
    [
        (("mirbench", "items.py"), ["mirbench.corpora", "mirbench.protocols", "mirbench.features"]),
        (("mirbench", "corpora"), ["mirbench.protocols", "mirbench.audit", "mirbench.running"]),
        (("mirbench", "protocols"), ["mirbench.audit", "mirbench.running", "mirbench.boards"]),
        (("mirbench", "audit"), ["mirbench.running", "mirbench.boards", "mirbench.methods"]),
        (("mirbench", "features"), ["mirbench.corpora", "mirbench.protocols", "mirbench.running"]),
        (("mirbench", "metrics"), ["mirbench.corpora", "mirbench.running", "mirbench.boards"]),
        (("mirbench", "stats"), ["mirbench.corpora", "mirbench.protocols", "mirbench.boards"]),
    ],
)
def test_lower_layers_do_not_import_higher_ones(layer, above):
    assert not offenders(files(*layer), above)


def test_the_command_line_starts_without_the_heavy_libraries():
    for path in (
        ROOT / "mirbench" / "cli.py",
        ROOT / "mirbench" / "__init__.py",
        ROOT / "mirbench" / "errors.py",
    ):
        outside = {n.partition(".")[0] for n in imports(path, lazy=False)}
        assert outside <= {
            "__future__",
            "argparse",
            "sys",
            "collections",
            "mirbench",
            "importlib",
            "typing",
            "warnings",
        }


def test_no_pickle_is_ever_loaded():
    forbidden = ["pickle", "cloudpickle", "dill", "joblib.load"]
    assert not offenders([*files("mirbench"), *files("baselines"), *files("deep")], forbidden)


def test_methods_cite_entries_that_exist():
    lists = (ROOT / "baselines" / "references.bib", ROOT / "deep" / "references.bib")
    listed = {key for path in lists for key in re.findall(r"@\w+\{(\w+),", path.read_text("utf-8"))}
    sources = [path.read_text("utf-8") for path in [*files("baselines"), *files("deep")]]
    named = [keys for text in sources for keys in re.findall(r'\.cite = "(.*)"', text)]
    cited = {key for keys in named for key in keys.split()}
    assert cited
    assert cited <= listed
