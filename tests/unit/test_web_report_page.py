"""The page of a check-up: whole, self-contained, escaped, well-formed, light enough."""

from __future__ import annotations

import base64
import hashlib
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from tests.checkup_world import over_indebted
from xindeng.decision.answer import Light
from xindeng.decision.words import LANGUAGES
from xindeng.events.credit import CreditReport, ReportAccount
from xindeng.repair.checkup.blocks import (
    Chart,
    Entries,
    Entry,
    Report,
    Section,
    Series,
    Table,
    Text,
)
from xindeng.repair.review.letters import disputable, letter
from xindeng.repair.review.terms import review_terms
from xindeng.web.charts import draw
from xindeng.web.report_page import render, render_letter

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&{{7*7}}"
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Wellformed(HTMLParser):
    """Collects tags and complains of any that is not closed in order."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.problems = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"{tag} at {self.getpos()}")


def parsed(page):
    found = Wellformed()
    found.feed(page)
    found.close()
    assert not found.problems and not found.open, (found.problems, found.open)
    return found


def sample(text: str) -> Report:
    table = Table(caption=text, head=(text, "n"), rows=((text, "1"),), numbers=(1,), note=text)
    chart = Chart(title=text, alternative=text, kind="lines", labels=(text, "b"), unit="元",
                  series=(Series(name=text, values=(3.0, 1.0)), Series(name="b", values=(None, 2.0))),
                  table=table, line=(2.0, text))  # fmt: skip
    entry = Entry(light=Light.RED, word=text, title=text, lines=(text,), source=text, steps=(text,))
    blocks = (Text(lines=(text,), title=text), Entries(items=(entry,), folded=text), table, chart)
    return Report(lang="zh", title=text, day="2026-09-10", lead=(text, text),
                  sections=(Section(name="a", title=text, blocks=blocks),))  # fmt: skip


@pytest.fixture(scope="module", params=LANGUAGES)
def page(request):
    person = over_indebted()
    return render(person.told(person.checked(8_000), request.param))


def test_the_page_is_whole_and_asks_nobody(page):
    found = parsed(page)
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"script", "iframe", "link", "form", "img", "object", "embed"}
    for tag, attributes in found.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), (
            tag,
            attributes,
        )
        for name in ("href", "src"):
            assert attributes.get(name, "#").startswith("#"), (tag, attributes)
    assert "http://" not in page and "https://" not in page and "url(" not in page
    assert "@import" not in page
    assert len(page.encode()) < 300_000


def test_the_policy_of_the_page_allows_its_own_style_only(page):
    found = parsed(page)
    policy = next(
        a["content"] for _, a in found.tags if a.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith("default-src 'none'") and "unsafe" not in policy
    style = re.search("<style>(.*?)</style>", page, re.S)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy


def test_lights_are_shape_word_and_colour(page):
    found = parsed(page)
    lights = [
        a for tag, a in found.tags if tag == "span" and "light" in (a.get("class") or "").split()
    ]
    assert lights and all(a["class"].split()[1] in Light._value2member_map_ for a in lights)
    assert "■" in page and ("未通过" in page or "not passed" in page)
    assert "prefers-color-scheme: dark" in page and "@media print" in page and "@page" in page


def test_every_section_is_reachable(page):
    found = parsed(page)
    ids = {a["id"] for _, a in found.tags if "id" in a}
    links = {a["href"][1:] for tag, a in found.tags if tag == "a"}
    assert links and links <= ids
    assert ("lang", "zh-CN") in found.tags[0][1].items() or ("lang", "en") in found.tags[0][
        1
    ].items()


def test_hostile_texts_are_escaped():
    made = render(sample(HOSTILE))
    found = parsed(made)
    assert {"script", "img"}.isdisjoint({tag for tag, _ in found.tags})
    assert (
        "{{7*7}}" in made and "49" not in re.sub("<style>.*?</style>", "", made, flags=re.S)[:400]
    )
    assert "&lt;script&gt;" in made


def test_a_chart_tells_its_lines_apart_without_colour():
    chart = sample("x").sections[0].blocks[3]
    drawn = str(draw(chart))
    assert 'role="img"' in drawn and 'aria-label="x"' in drawn
    assert 'class="line s0"' in drawn and 'class="line s1"' in drawn
    assert "<circle" in drawn and "<rect" in drawn, "a mark of its own for each line"
    assert len(drawn) < 8_000
    bars = str(draw(replace(chart, kind="bars", series=chart.series[:1], line=None)))
    assert bars.count('class="bar b0"') == 2
    empty = str(draw(replace(chart, labels=(), series=(), line=None)))
    assert empty == "", "axes around nothing tell nothing"


def test_each_place_of_a_chart_tells_its_values():
    """All that the table holds can be read off the drawing, a gap as nothing, names escaped."""
    chart = sample(HOSTILE).sections[0].blocks[3]
    drawn = str(draw(chart))
    read = [unescape(one) for one in re.findall(r"<title>(.*?)</title>", drawn, re.S)]
    assert read == [f"{HOSTILE} · {HOSTILE} 3 元", f"b · {HOSTILE} 1 · b 2 元"]
    assert drawn.count('class="read"') == 2
    bars = str(draw(replace(chart, kind="bars", series=(Series(name="x", values=(0.25, None)),))))
    assert re.findall(r"<title>(.*?)</title>", bars)[0].endswith(" · 0.25 元")
    assert bars.count('class="read"') == 1
    for one in re.findall(r'class="read" x="([\d.]+)" y="\d+" width="([\d.]+)"', drawn):
        assert float(one[0]) >= 0 and float(one[0]) + float(one[1]) <= 480


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_letter_is_a_page_to_print(lang):
    from tests.checkup_world import day, policy

    account = ReportAccount(account="A1", kind="D1", lender=HOSTILE, balance=100)
    report = CreditReport(report_day=day("2026-09-09"), accounts=(account,))
    terms = review_terms(policy(), day("2026-09-10"))
    made = letter(disputable(report)[0], terms, day("2026-09-10"), report.report_day, lang)
    shown = render_letter(made)
    parsed(shown)
    assert "<script" not in shown and "@media print" in shown and "2026-09-30" in shown
