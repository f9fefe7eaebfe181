"""The report is one harmless file: no text of the data commands it, no address is in it, what is missing is said."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest

from pipeline.views.report.page import SECTIONS, program, report_html
from tests.views.reported import DEAD, channels, evaluation, planted, report

HOSTILE = """</script><script>alert("x")</script><img src=x onerror='y'>&amp;"'http://a.b https://c.d \u2028"""
VOID = {"meta", "br", "img", "link"}


class Page(HTMLParser):
    """Tags with their attributes, the words outside scripts and styles, and the scripts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self.unbalanced: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.unbalanced.append(tag)

    def handle_data(self, data: str) -> None:
        inside = self.open[-1] if self.open else ""
        if inside == "script":
            self.scripts.append(data)
        elif inside != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


WHOLE = report_html(report())
PAGE = Page(WHOLE)


def places(page: Page) -> list[str]:
    """The ids of the charts' places, in order."""
    return [str(own["id"]) for _, own in page.tags if str(own.get("id")).startswith("chart-")]


def test_the_same_report_is_the_same_text() -> None:
    assert report_html(report()) == WHOLE


def test_every_tag_is_closed_and_only_two_scripts_are_there() -> None:
    assert PAGE.unbalanced == []
    assert PAGE.open == []
    assert [tag for tag, _ in PAGE.tags].count("script") == 2


def test_a_text_of_the_data_commands_nothing_wherever_it_stands() -> None:
    hostile = Page(report_html(planted(report(), lambda _: HOSTILE)))
    assert hostile.unbalanced == hostile.open == []
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in PAGE.tags]
    names = {name for _, own in hostile.tags for name in own}
    assert names == {name for _, own in PAGE.tags for name in own}
    assert 'alert("x")' in hostile.text


def test_a_text_of_the_data_reaches_the_charts_as_it_is() -> None:
    specs = json.loads(Page(report_html(planted(report(), lambda _: HOSTILE))).scripts[0])
    assert HOSTILE in json.dumps(specs, ensure_ascii=False).replace('\\"', '"')


@pytest.mark.parametrize("text", ["", HOSTILE, "see http://www.example.org/a?b=c or HTTPS://EXAMPLE.ORG"])
def test_no_address_is_in_the_file(text: str) -> None:
    html = report_html(planted(report(), lambda own: own + text))
    assert re.findall(r"https?://.{0,30}", html, re.IGNORECASE) == []


def test_nothing_is_fetched() -> None:
    assert [own for _, own in PAGE.tags if "src" in own or not str(own.get("href", "#")).startswith("#")] == []
    assert re.findall(r"@import|url\(", WHOLE.split("</style>")[0]) == []


def test_the_file_is_small() -> None:
    assert len(WHOLE.encode()) < 1_500_000


def test_each_chart_has_a_place_words_and_a_specification() -> None:
    specs = json.loads(PAGE.scripts[0])
    assert places(PAGE) == [f"chart-{number}" for number in range(len(specs))]
    assert len(specs) >= 8
    told = [own for _, own in PAGE.tags if str(own.get("id")).startswith("chart-")]
    assert all(own.get("role") == "img" and own.get("aria-label") for own in told)


def test_the_program_is_whole_and_ends_no_script() -> None:
    assert "</script" not in program().lower()
    assert "vegaEmbed" in program() or "chart-" in program()


def test_headings_are_in_order_and_every_link_leads_to_a_section() -> None:
    levels = [int(tag[1]) for tag, _ in PAGE.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(later <= level + 1 for level, later in pairwise(levels))
    ids = [own["id"] for _, own in PAGE.tags if "id" in own]
    assert len(ids) == len(set(ids))
    links = [str(own["href"])[1:] for tag, own in PAGE.tags if tag == "a"]
    assert links == [name for name, _, _ in SECTIONS]
    assert set(links) <= set(ids)


def test_it_speaks_of_leads_by_their_id_and_of_who_signed() -> None:
    for words in ("L1", "L4", "A. Reviewer", "approved", "nobody calls teach nothing"):
        assert words in PAGE.text, words


def bare(**own: Any) -> Page:
    return Page(report_html(report(**own)))


def test_too_few_won_leads_are_said_first() -> None:
    few = evaluation()
    few["test"]["won_leads"] = 4
    said = bare(evaluation=few).text
    assert "Too few to judge" in said
    assert "ranks the right one first" not in said


def test_figures_that_are_undefined_leave_dashes_and_no_empty_chart() -> None:
    dead = evaluation()
    dead["test"] |= {"won": 0, "won_leads": 0} | {
        name: DEAD for name, of in dead["test"].items() if isinstance(of, dict)
    }
    dead["curves"] = {"reliability": [], "gain": [{"share": 0.1, "caught": DEAD}]}
    dead["capacity"] = {"weeks": 0, "table": [], "skip": [], "safe": None, "said": [], "why": "no week"}
    page = bare(evaluation=dead)
    assert len(places(page)) == len(json.loads(page.scripts[0])) == len(places(PAGE)) - 3
    assert "nothing in the test was won" in page.text


def test_what_could_not_be_gathered_says_why_in_its_place() -> None:
    reasons = {name: f"No {name} here." for name in ("backtest", "channels", "explained", "leads")}
    page = bare(**reasons, evaluation=None, check=None, signed=[], suspects=[], kind="base rate")
    assert places(page) == []
    for reason in reasons.values():
        assert reason in page.text
    for words in ("leadlight train", "leadlight check", "Nobody has signed", "The base rate serves alone"):
        assert words in page.text, words
    assert page.unbalanced == page.open == []


def test_channels_without_spend_show_no_cost() -> None:
    page = bare(channels=channels(costs=False))
    assert "per conversion" in PAGE.text
    assert "per conversion" not in page.text.partition("Leads, one by one")[0].partition("Channels")[2]
    assert len(places(page)) == len(places(PAGE)) - 1


def test_no_word_of_the_program_is_shown() -> None:
    assert re.findall(r"\b(?:None|nan|NaN|inf|True|False)\b", PAGE.text) == []


def test_what_turned_is_told_with_both_figures_and_nothing_where_no_other_model_was() -> None:
    told = report_html(report())
    assert "What turned since model 2026-05-31-0" in told
    assert "speaks for or against: food" in told
    assert "+0.20" in told and "−0.30" in told
    assert "What turned" not in report_html(report(turned=None))
    assert "Nothing beyond chance" in report_html(report(turned={"before": "v0", "turned": []}))
