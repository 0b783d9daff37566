"""`mirbench cite`: entries that exist, each once, in three forms; the sentence of a board."""

import re
from pathlib import Path

import pytest
from trust_records import CLASSES, keep, made

from mirbench import __version__
from mirbench.errors import DataError, MirbenchError
from mirbench.protocols import load_protocol, protocol_names, published_names
from mirbench.trust.bibtex import parse, plain, to_apa, to_cff
from mirbench.trust.cite import AUTHOR, METRICS, PAPERS, TITLE, cite, of_published
from mirbench.trust.status import key_of

ROOT = Path(__file__).parents[1]
ONE = r"""
@article{one, author = {Pr{\'e}tet, Laure and van Merri{\"e}nboer, Bart}, title = "A {MIR} \& more",
  journal={J. of X}, volume = 11, number={2}, pages={1--9}, year=2010, doi = {10.1000/x_y} }
@misc{two, title = {Samples}, howpublished = {\url{https://example.org}}}
"""


def test_entries_are_read_with_their_fields():
    one, two = parse(ONE)
    assert (one.kind, one.key, one.get("title")) == ("article", "one", "A MIR & more")
    assert one.authors == [("Prétet", "Laure"), ("van Merriënboer", "Bart")]
    assert one.get("volume") == "11"
    assert two.authors == []
    assert two.text.startswith("@misc{two,")


def test_apa_is_as_the_manual_has_it():
    one, two = parse(ONE)
    assert to_apa(one) == (
        "Prétet, L., & van Merriënboer, B. (2010). A MIR & more. J. of X, 11(2), 1–9. "
        "https://doi.org/10.1000/x_y"
    )
    assert to_apa(two) == "Samples. (n.d.). https://example.org."


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"Fran{\c{c}}ois", "François"),
        (r"{\L}ukasz", "Łukasz"),
        (r"J{\"u}rgen", "Jürgen"),
        (r"Milo{\v{s}}", "Miloš"),
        (r"mir\_eval", "mir_eval"),
        ("5206--5210", "5206–5210"),
    ],
)
def test_latex_becomes_unicode(latex, text):
    assert plain(latex) == text


def test_a_published_split_is_cited_without_its_recordings(monkeypatch):
    monkeypatch.delenv("MIRBENCH_DATA", raising=False)
    found = cite("genre/gtzan-filtered")
    keys = [entry.key for entry in found.entries]
    assert keys[-1] == "mirbench"
    assert len(keys) > 2  # the corpus, the metric
    assert "genre/gtzan-filtered, made of the published split, on gtzan (" in found.in_words
    assert "balanced accuracy" in found.in_words
    assert "no hash to cite" in found.render("bibtex")
    beside = cite("mfcc-lr", "tags/jamendo-genre-split1")
    assert "on mtg-jamendo-genre" in beside.sentence


def test_every_published_split_says_which_corpus_it_is_of():
    for name in published_names():
        corpora, _, _ = of_published(name).sentence.partition(", on ")[2].partition("; ")
        assert corpora, name


def test_broken_bibtex_is_named():
    for text in ("@article{a, title = {x}", "@article{ }", '@article{a, title = "x }'):
        with pytest.raises(DataError, match=r"list\.bib"):
            parse(text, "list.bib")


def test_every_list_of_references_is_read_whole():
    for path in (ROOT / "baselines", ROOT / "deep"):
        text = (path / "references.bib").read_text(encoding="utf-8")
        entries = parse(text)
        assert len(entries) == len(re.findall(r"^@", text, re.M))
        for entry in entries:
            assert entry.get("title")
            assert "\\" not in to_apa(entry)
            assert "{" not in to_apa(entry)


def test_metric_papers_are_listed():
    lists = [METRICS, ROOT / "baselines" / "references.bib", ROOT / "deep" / "references.bib"]
    known = {e.key for path in lists for e in parse(path.read_text(encoding="utf-8"))}
    assert {key for _, key in PAPERS} <= known


def test_mirbench_cites_itself_as_its_citation_file_does():
    stated = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f'title: "{TITLE}"' in stated
    assert f"name: {AUTHOR}" in stated
    assert f"version: {__version__}" in stated


def test_a_method_with_its_paper():
    found = cite("scheirer-slaney-gmm")
    assert [entry.key for entry in found.entries] == ["scheirer1997construction", "mirbench"]
    assert "@inproceedings{scheirer1997construction," in found.render()
    assert "Scheirer, E., & Slaney, M. (1997)." in found.render("apa")
    assert 'family-names: "Scheirer"' in found.render("cff")


def test_a_method_without_a_paper_says_so():
    found = cite("prior")
    assert [entry.key for entry in found.entries] == ["mirbench"]
    assert "prior: names no paper" in found.render()


@pytest.mark.parametrize("name", protocol_names())
def test_every_board_has_its_sentence(name):
    protocol = load_protocol(name)
    found = cite(name)
    keys = [entry.key for entry in found.entries]
    assert len(set(keys)) == len(keys)
    assert keys[-1] == "mirbench"
    assert protocol.hash[:16] in found.sentence
    assert f"version {protocol.version}" in found.sentence
    assert set(re.findall(r"\{([^{}]+)\}", found.sentence)) <= set(keys)
    for form in ("bibtex", "cff", "apa"):
        assert found.render(form) == cite(name).render(form)
        assert protocol.hash[:16] in found.render(form)
    assert parse(found.render())[-1].key == "mirbench"  # comments aside, it is BibTeX
    assert not re.search(r"\{[a-z0-9_]+\}", found.render("apa"))


def test_a_method_under_a_protocol_has_both():
    keys = [e.key for e in cite("scheirer-slaney-gmm", "speech-music/matrix").entries]
    assert keys[0] == "scheirer1997construction"
    assert "panayotov2015librispeech" in keys
    assert keys.count("scheirer1997construction") == 1


def test_a_record_by_key_and_by_path(tmp_path):
    protocol = load_protocol(CLASSES)
    [record] = keep(tmp_path, made(protocol, "m", cite="royoletelier2015"))
    key = key_of(record.identity)
    found = cite(key, root=tmp_path)
    assert found.entries[0].key == "royoletelier2015"
    assert f"record {key}" in found.entries[-1].fields["note"]
    assert key in found.sentence
    assert cite(str(record.path)).render() == found.render()
    [other] = keep(tmp_path, made(protocol, "n", cite="nobody1999"))
    assert "no entry 'nobody1999'" in cite(str(other.path)).render()


def test_a_file_of_ones_own_brings_its_references(plain_method, tmp_path):
    path = Path(plain_method.rpartition(":")[0])
    path.write_text(path.read_text() + '\nmethod.cite = "me2026, scheirer1997construction"\n')
    (tmp_path / "references.bib").write_text("@misc{me2026, title = {Mine}, year = {2026}}")
    keys = [entry.key for entry in cite(plain_method).entries]
    assert keys == ["me2026", "scheirer1997construction", "mirbench"]


def test_nothing_of_that_name():
    with pytest.raises(MirbenchError, match="no method that loads"):
        cite("nothing-at-all")


def test_cff_items_have_authors_and_a_title():
    for entry in parse(ONE):
        lines = to_cff(entry).splitlines()
        assert lines[0].strip().startswith("- type: ")
        assert any(line.strip().startswith("title: ") for line in lines)
        assert any(line.strip() == "authors:" for line in lines)
