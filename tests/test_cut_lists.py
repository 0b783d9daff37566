"""Lists that were cut, doubled or overwritten with something else: one DataError that names the file."""

from importlib import import_module

import layouts
import pytest

from mirbench.corpora.published import annotations_folder, csv_table
from mirbench.errors import DataError
from mirbench.protocols.published_facts import JAMENDO_LISTS
from mirbench.protocols.published_lists import find

SONGS = (
    "deam/annotations/annotations averaged per song/song_level/static_annotations_averaged_songs"
)
PMEMO = "pmemo/PMEmo2019"
TEMPO, KEYS = "giantsteps/giantsteps-tempo-dataset", "giantsteps/giantsteps-key-dataset"


def half(text):
    return text[: len(text) // 2]


def half_its_lines(text):
    lines = text.splitlines(keepends=True)
    return "".join(lines[: 1 + len(lines) // 2])


def doubled_header(text):
    top, _, rest = text.partition("\n")
    return f"{top}\n{top}\n{rest}"


def doubled_rows(text):
    top, _, rest = text.partition("\n")
    return f"{top}\n{rest}{rest}"


def instead(old, new):
    return lambda text: text.replace(old, new, 1)


def text(new):
    return lambda _: new


@pytest.fixture
def lay(tmp_path, monkeypatch):
    """Writes a corpus's look-alike; returns its module and the folder of the data."""
    monkeypatch.setenv("MIRBENCH_DATA", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()

    def write(look):
        import_module(f"{layouts.__name__}.{look}").make(tmp_path / "data")
        return import_module(f"mirbench.corpora.{look}"), tmp_path / "data"

    return write


@pytest.mark.parametrize(
    ("look", "path", "damage"),
    [
        *(
            ("deam", f"{SONGS}_{part}.csv", damage)
            for part in ("1_2000", "2000_2058")
            for damage in (half, half_its_lines, doubled_header, instead(".5", ".x"), instead("\n2", '\n"2'))
        ),
        ("deam", f"{SONGS}_1_2000.csv", instead("3.5", "35")),
        ("pmemo", f"{PMEMO}/annotations/static_annotations.csv", doubled_header),
        ("pmemo", f"{PMEMO}/annotations/static_annotations.csv", instead("0.11", "high")),
        ("pmemo", f"{PMEMO}/annotations/static_annotations.csv", instead("0.11", "nan")),
        ("pmemo", f"{PMEMO}/metadata.csv", half),
        ("pmemo", f"{PMEMO}/metadata.csv", half_its_lines),
        ("magnatagatune", "magnatagatune/annotations_final.csv", doubled_rows),
        ("magnatagatune", "magnatagatune/clip_info_final.csv", doubled_rows),
        ("giantsteps", f"{TEMPO}/annotations/genre/1.LOFI.genre", text("<html>404</html>")),
        ("giantsteps", f"{TEMPO}/annotations_v2/tempo/1.LOFI.bpm", text("nan")),
        *(
            ("giantsteps", f"{KEYS}/annotations/key/2.LOFI.key", text(new))
            for new in ("<html>404</html>", '{"key": "A minor"}', "[]", "12", "H minor")
        ),
        ("audioset_instruments", "audioset_instruments/balanced_train_segments.csv", text("")),
        ("audioset_instruments", "audioset_instruments/balanced_train_segments.csv", half),
        ("audioset_instruments", "audioset_instruments/balanced_train_segments.csv", half_its_lines),
        ("audioset_instruments", "audioset_instruments/class_labels_indices.csv", half_its_lines),
        ("kinetics_sounds", "kinetics_sounds/train.csv", half),
        ("kinetics_sounds", "kinetics_sounds/train.csv", half_its_lines),
        ("tinysol", "tinysol/TinySOL_metadata.csv", half),
        ("tinysol", "tinysol/TinySOL_metadata.csv", half_its_lines),
        ("tinysol", "tinysol/TinySOL_metadata.csv", lambda text: text.partition("\n")[0]),
        ("fma", "fma/fma_metadata/tracks.csv", instead("\n5,", "\nfive,")),
        ("fma", "fma/fma_metadata/tracks.csv", half_its_lines),
    ],
)  # fmt: skip
def test_a_damaged_list_is_named(lay, look, path, damage):
    module, data = lay(look)
    before = (data / path).read_text(encoding="utf-8")
    assert damage(before) != before
    (data / path).write_text(damage(before), encoding="utf-8")
    with pytest.raises(DataError, match=r"; (get|clone)") as raised:
        module.load()
    assert (data / path).name in str(raised.value)


@pytest.mark.parametrize(
    "path",
    [
        f"{TEMPO}/annotations/genre/1.LOFI.genre",
        f"{TEMPO}/annotations_v2/tempo/1.LOFI.bpm",
        f"{KEYS}/annotations/key/2.LOFI.key",
    ],
)
@pytest.mark.parametrize("link", [False, True])
def test_an_annotation_that_is_no_file(lay, path, link):
    module, data = lay("giantsteps")
    (data / path).unlink()
    if link:
        (data / path).symlink_to(data / "nowhere")
    else:
        (data / path).mkdir()
    with pytest.raises(DataError, match=r"LOFI.*can't be read as a .*; get the repository again"):
        module.load()


def test_songs_that_nobody_rated_are_no_fault(lay):
    module, data = lay("pmemo")
    path = data / PMEMO / "annotations/static_annotations.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
    assert len(module.load().items) == 2


def test_a_part_may_be_listed(lay):
    module, data = lay("tinysol")
    path = data / "tinysol/TinySOL_metadata.csv"
    path.write_text(half_its_lines(path.read_text(encoding="utf-8")), encoding="utf-8")
    assert 0 < len(module.load(partial=True).items) < 30


def test_a_header_that_stands_twice(tmp_path):
    (tmp_path / "a.csv").write_text("x, y\n1,2\nx,y\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"a\.csv: row 2 is its header again; mend it"):
        csv_table(tmp_path / "a.csv", ("x",), "mend it")


def test_a_list_of_nothing(lay):
    module, data = lay("openmic")
    path = next(data.rglob("openmic-2018-aggregated-labels.csv"))
    path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    with pytest.raises(DataError, match="its lists name no recording; get openmic-2018"):
        module.load()


def test_lists_lie_where_things_are_fetched_to(tmp_path, monkeypatch):
    which = JAMENDO_LISTS[0, "genre", "test"]
    monkeypatch.delenv("MIRBENCH_DATA", raising=False)
    monkeypatch.setenv("MIRBENCH_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert find(which) is None
    assert annotations_folder("mtg_jamendo") == tmp_path / "annotations/mtg_jamendo"
    places = [tmp_path / "annotations" / which.name]
    places += [tmp_path / "data" / which.corpus / which.name.partition("/")[2]]
    for path in places:
        path.parent.mkdir(parents=True)
        path.write_text("", encoding="utf-8")
        assert find(which) == path
        path.unlink()
