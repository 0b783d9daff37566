"""The site in a real browser, from files: no complaint, no overflow, sorting, filters, search, theme."""

import pytest
from site_records import save_all
from webdriver import BROWSER, DRIVER, Browser

from mirbench.site import build_site
from mirbench.site.names import address

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BROWSER and DRIVER),
        reason="needs chromium and chromedriver (Debian: apt-get install chromium chromium-driver)",
    ),
]
FAKE = address("protocol", "speech-music/fake")
METHODS = (
    "return [...document.querySelectorAll('#board-table tbody tr')]"
    ".filter(row => !row.hidden).map(row => row.cells[0].textContent.trim())"
)
SORT = (
    "return [...document.querySelectorAll('#board-table thead th')]"
    ".map(head => head.getAttribute('aria-sort'))"
)
OVERFLOW = (
    "document.querySelectorAll('details').forEach(more => more.open = true);"
    "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
)
HEADS = "#board-table thead th:nth-child({}) button"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    root, site = tmp_path_factory.mktemp("records"), tmp_path_factory.mktemp("site")
    save_all(root)
    build_site(root, site, jobs=1)
    return site


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with Browser(tmp_path_factory.mktemp("profile")) as started:
        yield started


@pytest.fixture
def board(browser, site):
    browser.look(1280)
    browser.open(site / FAKE)
    return browser


@pytest.mark.parametrize("width", [1280, 390])
def test_no_complaint_and_no_overflow(browser, site, width):
    for path in sorted(site.rglob("*.html")):
        browser.look(width)
        browser.open(path)
        assert browser.run(OVERFLOW) <= 0, path.name
        assert browser.complaints() == [], path.name


def test_sorting_by_click_and_by_key(board):
    best_first = board.run(METHODS)
    board.click(HEADS.format(1))
    assert board.run(METHODS) == sorted(best_first, key=str.lower)
    assert board.run(SORT)[0] == "ascending"
    board.run("document.querySelector(arguments[0]).focus()", HEADS.format(1))
    board.press("enter")
    assert board.run(METHODS) == sorted(best_first, key=str.lower, reverse=True)
    assert board.run(SORT)[0] == "descending"
    assert "Sorted by method, descending" in board.run(
        "return document.getElementById('board-table-live').textContent"
    )
    board.press("tab")
    board.press("space")
    assert board.run(METHODS) == best_first
    assert board.run(SORT)[:2] == [None, "ascending"]


def test_filters_hide_rows_and_say_so(board):
    live = "return document.getElementById('board-table-live').textContent"
    board.type("form.filters [name=text]", "good")
    assert sorted(board.run(METHODS)) == ["good", "good-twin"]
    assert board.run(live) == "2 of 4 methods shown."
    board.run("document.querySelector('form.filters [name=text]').value = ''")
    board.type("form.filters [name=family]", "external")
    assert len(board.run(METHODS)) == 1
    board.type("form.filters [name=family]", "any")
    board.type("form.filters [name=cost]", "up to 1 s")
    assert board.run(METHODS) == []


def test_a_corpus_changes_the_scores_shown(board):
    scores = (
        "return [...document.querySelectorAll('#board-table tbody tr:first-child td')]"
        ".filter(cell => !cell.hidden).map(cell => cell.innerText)"
    )
    pooled = board.run(scores)
    board.type("form.filters [name=block]", "A to B")
    other = board.run(scores)
    assert len(other) == len(pooled)
    assert other != pooled
    assert other[0] == pooled[0], "ranks are of the pooled scores"


def test_search_over_everything(browser, site):
    browser.look(390)
    browser.open(site / "index.html")
    browser.type("#query", "scheirer gmm")
    found = browser.run(
        "return [...document.querySelectorAll('.found')].filter(x => !x.hidden)"
        ".map(x => x.querySelector('a').textContent)"
    )
    assert found == ["scheirer-slaney-gmm"]
    assert browser.run("return document.getElementById('search-live').textContent") == "1 found."


def test_dark_by_wish_and_by_button(browser, site):
    paper = "return getComputedStyle(document.body).backgroundColor"
    browser.look(1280, scheme="light")
    browser.open(site / "index.html")
    light = browser.run(paper)
    browser.click("#theme")
    dark = browser.run(paper)
    assert dark != light
    browser.click("#theme")
    browser.run("localStorage.removeItem('theme')")
    browser.look(1280, scheme="dark")
    browser.open(site / "index.html")
    assert browser.run(paper) == dark


def test_the_keyboard_gets_everywhere(board):
    board.run("document.body.focus(); location.hash = ''")
    board.press("tab")
    assert board.run("return document.activeElement.textContent") == "Skip to the content"
    board.press("enter")
    assert board.run("return location.hash") == "#main"
    # every scrolling region can be focused, so arrows scroll it
    assert board.run(
        "return [...document.querySelectorAll('.wide')].every(r => r.tabIndex === 0 && r.ariaLabel)"
    )
