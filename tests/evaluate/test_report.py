"""What is made of a report: JSON that is exact, pictures that are the ones given, a page that asks for nothing and lets nothing through."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reported import measured, report, section

from lifeworld.core.errors import ShapeError
from lifeworld.core.origin import Origin
from lifeworld.evaluate.compare import compared
from lifeworld.evaluate.report import beside, dots, figure, page, told, words, write, write_several
from lifeworld.evaluate.report.axis import along, around
from lifeworld.evaluate.report.strip import GAP

calm = settings(deadline=None, max_examples=30)
finite = st.floats(-1e6, 1e6, allow_nan=False)
EMPTY = {"meta", "img"}


class Page(HTMLParser):
    """What a browser finds: tags that are closed as they were opened, text, and all that is fetched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.sources: list[str] = []
        self.text = ""
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids |= {found["id"]} if found.get("id") else set()
        self.links |= {found["href"]} if found.get("href") else set()
        self.sources += [found["src"]] if found.get("src") else []
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """<line/>: open and closed at once."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.text += data


@given(st.lists(finite, min_size=1, max_size=20))
@calm
def test_json_says_every_number_exactly(raw):
    value = json.loads(told.text_of(report(section(measured(raw)))))
    (found,) = value["sections"][0]["measured"]
    assert found["raw"] == raw
    assert found["value"] == sum(raw) / len(raw)
    assert [each["name"] for each in found["floors"]] == ["copying", "the mean"]
    assert found["floors"][0]["low"] is None  # not known, and JSON has no NaN
    assert value["sections"][0]["curves"][0]["lines"][0]["y"] == [3.0, 2.0, None, 1.0]


def test_only_what_it_took_differs_from_run_to_run():
    one, other = (report(section(measured([1.0, 2.0])), at=at) for at in ("2026-11-22T02:00:00+00:00", "2027-01-01T00:00:00+00:00"))
    texts = [json.loads(told.text_of(each)) for each in (one, other)]
    assert texts[0].pop("made") != texts[1].pop("made")
    assert texts[0] == texts[1]
    pages = [page.html_of(each).replace(each.made.at, "") for each in (one, other)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize(
    "html",
    [
        page.html_of(report(section(measured([1.0, 2.0])))),
        beside.html_of(compared([report(section(measured([1.0, 2.0])), name=n) for n in "ab"])),
    ],
)
def test_a_page_is_whole_and_asks_for_nothing(html):
    found = Page(html)
    assert all(source.startswith("data:image/png;base64,") for source in found.sources)
    assert len(found.sources) >= 2
    assert not re.findall(r"https?://(?!www\.w3\.org)", html)
    assert "default-src 'none'" in html
    assert {link[1:] for link in found.links if link.startswith("#")} <= found.ids


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30).filter(str.strip))
@calm
def test_words_stay_words(text):
    evil = f"<script>alert('{text}')</script>\"&"
    numbers = replace(measured([1.0, 2.0]), name=evil)
    one = report(section(numbers, words=evil), name=evil)
    for html in (page.html_of(one), beside.html_of(compared([one, one]))):
        assert "<script>alert" not in html
        assert evil in Page(html).text
    assert json.loads(told.text_of(one))["model"]["name"] == evil


def test_every_row_of_pictures_says_who_made_it():
    html = page.html_of(report(section(measured([1.0]))))
    assert html.count('class="film dreamed"') == 1
    assert html.count('class="film simulated"') == 1
    strip = replace(section(measured([1.0])).strips[0], origin=Origin.MEASURED)
    html = page.html_of(report(replace(section(measured([1.0])), strips=(strip,))))
    assert html.count('class="film dreamed"') == html.count('class="film measured"') == 1


@pytest.mark.parametrize(("episodes", "said"), [(1, "clips of the one episode held out"), (4, "clips of the same 4 episodes"), (5, "")])
def test_intervals_of_few_episodes_say_that_they_are(episodes, said):
    made = report(section(measured([1.0, 2.0])))
    one = replace(made, data=replace(made.data, episodes=episodes))
    both = compared([one, replace(one, model=replace(one.model, name="other"))])
    for text in (words.of_one(one), words.of_several(both), Page(page.html_of(one)).text, Page(beside.html_of(both)).text):
        assert f"8 clips of {episodes} {'episode' if episodes == 1 else 'episodes'}" in text
        assert ("Intervals are of other" in text) == bool(said)
        assert said in text


def test_a_number_stands_beside_its_floor_interval_seeds_and_hashes():
    number = measured([1.0, 2.0, 6.0])
    text = Page(page.html_of(report(section(number)))).text
    for said in (
        "error@8",
        "3.0",
        "2.5 to 3.5",
        "copying 5.0",
        "the mean 6.0",
        "3 clips",
        number.data_sha256[:12],
        number.model_sha256[:12],
        "lower",
    ):
        assert said in text


def test_few_numbers_stand_for_many():
    many = section(*(measured([1.0], name=f"{name}@{h}") for name in ("psnr", "ssim", "r_fd", "more") for h in (1, 8, 32)))
    assert [each.name for each in dots.heads(many)] == ["psnr@8", "ssim@8", "r_fd@8"]
    assert [each.name for each in dots.heads(replace(many, heads=("more@32",)))] == ["more@32"]
    assert "and 9 more on the page" in words.of_one(report(many))
    text = Page(page.html_of(report(many))).text
    assert all(f"{name}@{h}" in text for name in ("psnr", "ssim", "r_fd", "more") for h in (1, 8, 32))


def test_what_could_not_be_had_is_said():
    without = replace(section(measured([1.0])), without={"psnr": "it gives no pictures"})
    assert "it gives no pictures" in Page(page.html_of(report(without))).text
    assert "it gives no pictures" in words.of_one(report(without))


def test_a_folder_holds_the_page_the_numbers_and_the_pictures(tmp_path: Path):
    made = report(section(measured([1.0, 2.0])))
    write(made, tmp_path)
    value = json.loads((tmp_path / "report.json").read_text("utf-8"))
    (strip,) = value["sections"][0]["strips"]
    file = tmp_path / strip["file"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == strip["sha256"]
    pixels = np.asarray(Image.open(file))
    given_ = made.sections[0].strips[0].pictures
    for row in range(2):
        for column in range(3):
            top, left = row * (8 + GAP), column * (8 + GAP)
            assert (pixels[top : top + 8, left : left + 8, :3] == given_[row, column]).all()


def test_several_lie_beside_their_own_reports(tmp_path: Path):
    both = [report(section(measured([1.0, 2.0, 3.0])), name=name) for name in ("one", "other")]
    write_several(compared(both), tmp_path)
    assert json.loads((tmp_path / "2" / "report.json").read_text("utf-8"))["model"]["name"] == "other"
    (row,) = json.loads((tmp_path / "report.json").read_text("utf-8"))["compared"]
    assert (row["values"], row["differences"][0]["value"]) == ([2.0, 2.0], 0.0)
    links = Page((tmp_path / "index.html").read_text("utf-8")).links
    assert {"1/index.html", "2/index.html"} <= links


def test_what_several_dreamed_stands_below_the_one_truth():
    one, other = (report(section(measured([1.0])), name=name) for name in ("one", "other"))
    html = beside.html_of(compared([one, other]))
    assert (html.count('class="film simulated"'), html.count('class="film dreamed"')) == (1, 2)
    assert "other: dream" in html
    strip = other.sections[0].strips[0]
    moved = replace(other.sections[0], strips=(replace(strip, pictures=strip.pictures[:, ::-1].copy()),))
    html = beside.html_of(compared([one, report(moved, name="other")]))  # of another clip
    assert (html.count('class="film simulated"'), html.count('class="film dreamed"')) == (2, 2)


def test_a_model_has_one_colour_on_every_curve():
    bare = section(measured([1.0]))
    of_two = replace(
        bare.curves[0], title="two lines", lines=tuple(replace(line, name=n) for n in ("near", "far") for line in bare.curves[0].lines[:1])
    )
    without = report(replace(bare, curves=()), name="one")
    html = beside.html_of(compared([without, report(replace(bare, curves=(of_two,)), name="other")]))
    figures = re.findall(r'<figure class="curve".*?</figure>', html)
    assert [re.search(r"<figcaption>(.*?)</figcaption>", each)[1] for each in figures] == ["two lines: near", "two lines: far"]
    assert all('path class="c1"' in each and 'path class="c0"' not in each for each in figures)


def test_what_lacks_for_one_reason_is_said_once():
    numbers = [measured([1.0], name=f"error@{h}") for h in (1, 8)]
    first = report(section(*numbers, measured([1.0], name="shared")), name="one")
    html = beside.html_of(compared([first, report(section(measured([1.0], name="shared")), name="other")]))
    assert html.count("<dd>only of one</dd>") == 1
    assert "<code>error@1, @8</code>" in html
    assert html.count("<dt><code>r_fd</code></dt>") == 1  # for the same reason of both


def test_a_strip_whose_words_do_not_fit_is_refused(tmp_path: Path):
    strip = replace(section(measured([1.0])).strips[0], columns=("+1",))
    with pytest.raises(ShapeError, match="a word for each row and column"):
        write(report(replace(section(measured([1.0])), strips=(strip,))), tmp_path)


@given(st.lists(finite, min_size=1, max_size=12))
@calm
def test_an_axis_holds_what_it_is_made_for(values):
    for axis in (along(values), around(values)):
        assert all(-1e-6 <= axis.at(v) <= 100 + 1e-6 for v in values)
        assert all(-1e-6 <= axis.at(v) <= 100 + 1e-6 for v in axis.ticks)
        assert len(axis.ticks) <= 12


@given(st.lists(st.floats(0.1, 1e4), min_size=2, max_size=8, unique=True))
@calm
def test_places_on_an_axis_are_in_the_order_of_the_numbers(values):
    axis = along(values)
    places = [axis.at(v) for v in sorted(values)]
    assert places == sorted(places)


def test_horizons_that_double_are_as_far_from_each_other():
    axis = along([1, 2, 4, 8, 16, 32])
    assert axis.doubling
    assert axis.at(4) - axis.at(2) == pytest.approx(axis.at(32) - axis.at(16), abs=0.01)
    assert not along([1, 2, 3, 4, 5, 6]).doubling


@pytest.mark.parametrize(
    ("value", "low", "high", "unit", "said"),
    [
        (25.8123, 24.9, 26.7, "dB", "25.8\u202fdB"),
        (0.90612, 0.8901, 0.9214, "", "0.906"),
        (-0.0004, -1.2, 1.1, "", "0.0"),
        (-3.25, -3.5, -3.0, "%", "−3.25%"),
        (33.0, 33.0, 33.0, "pictures", "33\u202fpictures"),
        (12345.6, 12000.0, 13000.0, "", "12,346"),
        (0.01234, float("nan"), float("nan"), "", "0.0123"),
    ],
)
def test_as_many_digits_as_are_known(value, low, high, unit, said):
    assert figure.written(value, digits=figure.digits_of(value, low, high), unit=unit) == said
