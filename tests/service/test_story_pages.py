"""The seven acceptance stories as the borrower reads them on the pages, and support at the desk.

What is decided is held by the stories' own tests; here it is that the pages say it, in both
languages, in the words that may be used, and nothing that must not be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.api_world import ApiWorld
from tests.service.test_stories import OLD_CARD, Person, day, enquirer, loan, thin
from tests.service.test_stories_line import THRESHOLD, UNFIT, dear, distressed, house_money
from tests.service_world import event
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.service import own_ways
from xindeng.service import plan as planning
from xindeng.service.alternatives import load_alternatives
from xindeng.service.policies import read_bundle
from xindeng.store import Store
from xindeng.web.app import Pages
from xindeng.web.guard import form_token
from xindeng.web.settings import Site

SESSION = "__Host-xindeng"
LANGS = ("zh", "en")
SCAM = {"zh": "诈骗", "en": "swindler"}
OFFERS = Path(__file__).parents[2] / "policies" / "alternatives" / "offers.yaml"


class Reader:
    """Somebody who reads the pages in one language; what they see is text, tags aside."""

    def __init__(self, http: Any, held: str, lang: str) -> None:
        self.http, self.held, self.lang = http, held, lang

    def page(self, path: str, form: Mapping[str, str] | None = None) -> str:
        cookies = self.http.cookies
        cookies.clear()
        for name, value in ((SESSION, self.held), ("xindeng-lang", self.lang)):
            cookies.set(name, value, domain="testserver.local")
        headers = {"Accept": "text/html"}
        if form is None:
            answer = self.http.get(path, headers=headers)
        else:
            sent = {"_csrf": form_token(self.held), **form}
            answer = self.http.post(path, data=sent, headers=headers)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[-600:])
        return str(answer.text)

    def see(self, path: str, **form: str) -> str:
        main = self.page(path, form or None).partition("<main")[2].partition("</main>")[0]
        return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main.partition(">")[2])))

    def plan(self) -> str:
        return self.see("/me/plan", months="12")


@contextmanager
def told(store: Store, place: Path, bundle: Mapping[str, bytes]) -> Iterator[tuple[ApiWorld, Any]]:
    world = ApiWorld(store, place, bundle)
    application = create(world.service, ROUTES, beside=Pages(Site()))
    with TestClient(application, base_url="https://testserver.local") as http:
        yield world, http


@pytest.fixture(scope="module")
def site(store: Store, tmp_path_factory: Any) -> Iterator[tuple[ApiWorld, Any]]:
    with told(store, tmp_path_factory.mktemp("stories"), read_bundle("consumer_line")) as found:
        yield found


def reader(site: tuple[ApiWorld, Any], who: str, lang: str) -> Reader:
    world, http = site
    return Reader(http, world.token(who), lang)


def support(site: tuple[ApiWorld, Any], lang: str) -> Reader:
    world, http = site
    world.employ("support", "support")  # the clock has moved on; sessions last a day
    return Reader(http, world.sessions["support"], lang)


def fits(*texts: str) -> None:
    """No page uses a word that frightens, promises or blames."""
    for one in texts:
        assert not UNFIT.search(one), UNFIT.search(one)


def test_story_1_over_indebted(site):
    world, _ = site
    card = {**OLD_CARD, "account": "card", "limit": 3_000_000, "balance": 1_800_000}
    owed = [
        loan("home", 60_000, 1_400, 60),
        card,
        loan("c1", 9_600, 900, 12, "consumer_finance"),
        loan("c2", 1_285, 650, 2, "microlender"),
        loan("c3", 3_150, 550, 6, "microlender"),
    ]
    person = Person(world, "p1", "2026-09-10")
    person.tell("income_evidence", "2026-08-20", monthly_income=900_000, source="payroll",
                months=3, verified=True)  # fmt: skip
    person.report("2026-09-05", accounts=owed)
    person.asks("2026-09-10 09:00", 8_000)
    for lang, need_not in (("zh", "可能不必借款"), ("en", "make the loan unnecessary")):
        page = reader(site, "p1", lang)
        home, why, plan = page.see("/me"), page.see("/me/why"), page.plan()
        fits(home, why, plan)
        assert "¥20,000" in home and "■" in home and SCAM[lang] in home
        assert "9,000" in why and "5,300" in why
        assert need_not in plan.lower() and "4,435" in plan  # the rung, and first that
        assert plan.lower().index(need_not) < plan.index("¥1,285"), "before any step"
        assert not re.search(r"2026-09-10[^→]{0,40}(可通过|passes under)", plan)
        desk = support(site, lang)
        assert "5,300" in desk.see("/desk/borrowers/p1")


def test_the_course_of_a_plan_shows_what_is_done_and_which_lights_turn(site):
    """By date, as its proof has it, the yes last of its instant; and no area that withholds."""
    world, _ = site
    answer = reader(site, "p1", "zh").page("/me/plan", {})
    (kept,) = planning.of_borrower(world.engine, "p1")[-1:]
    seen = re.findall(r'<ol class="course".*?</ol>', answer, re.S)
    assert len(seen) == len(kept.made.plans.plans) > 0
    policy = world.engine.policy
    for plan, course in zip(kept.made.plans.plans, seen, strict=True):
        rows = re.findall(r"<li.*?</li>", course, re.S)
        assert len(rows) == len(plan.steps) + len(plan.proof.changes) + 1
        for change in plan.proof.changes:
            title = policy.area_by_name[change.area].title["zh"]
            turns = rf"{title} .*light {change.before}.*→.*light {change.after}"
            assert any(re.search(turns, row, re.S) for row in rows), (change, rows)
        (yes,) = [place for place, row in enumerate(rows) if 'class="yes"' in row]
        assert yes >= len(plan.steps), "nothing is left to be done after the yes"
        assert plan.proof.asked.lights["debt"] == "red" and "light red" in course


def test_story_2_enquiries(site):
    world, _ = site
    enquirer(world, "p2").asks("2026-07-01 09:00", 3_000)
    for lang, do_not in (("zh", "不要再申请"), ("en", "apply")):
        page = reader(site, "p2", lang)
        why, plan = page.see("/me/why"), page.plan()
        fits(why, plan)
        assert "■" in why and re.search(r"\b11\b|11 ?次", why) and "14" not in why
        assert "2026-07-05" in why + plan and do_not in why + plan
        assert {"zh": "还款照常", "en": "epay"}[lang] in why + plan


def test_story_3_house_money(site):
    world, _ = site
    person = house_money(world, "p3")
    person.asks("2026-03-02 10:00", 5_000)
    calm = {"zh": "暂停借款；还款照常。", "en": "Draws are paused; repayments go on as usual."}
    for lang in LANGS:
        page = reader(site, "p3", lang)
        home, why, drawing = page.see("/me"), page.see("/me/why"), page.see("/me/draw")
        fits(home, why, drawing)
        assert calm[lang] in home and SCAM[lang] in home
        # Its review is told, and is within seven days.
        assert re.search(r"2026-03-0[3-9]|2026年3月[3-9]日|\b[3-9] March 2026", home), home
        for text in (home, why, drawing):
            assert not THRESHOLD.search(text), THRESHOLD.search(text)
    world.now = world.at("2026-03-05 15:00")
    person.tell("flow_explained", "2026-03-05 15:00", document="contract", accepted=True)
    for lang in LANGS:
        page = reader(site, "p3", lang)
        home = page.see("/me")
        assert calm[lang] not in home and "¥20,000" in home
        assert "15:00" in page.see("/me/history")


def test_story_4_brake(site):
    world, _ = site
    person = Person(world, "p4", "2026-02-02")
    person.salary(10_000, "2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01")
    person.report("2026-01-20", accounts=[OLD_CARD])
    brake = {"segment": "all", "stance": "brake", "review_day": day("2026-02-16")}
    world.now = world.at("2026-02-02 08:31")
    world.tell("platform", event("stance_change", "2026-02-02 08:30", **brake))
    try:
        for hour in ("09", "12", "15"):
            person.asks(f"2026-02-02 {hour}:00", 5_000)
        for lang, ours, mine in (
            ("zh", "平台", "您可以改变"),
            ("en", "our side", "Yours to change"),
        ):
            page = reader(site, "p4", lang)
            home, why = page.see("/me"), page.see("/me/why")
            fits(home, why)
            assert "◇" in home and ours in (home + why).lower() and mine not in home
            assert re.search(r"2026-02-16|2026年2月16日|16 February 2026", why)
            lights = home.partition("◇")[2]
            assert {"zh": "偿还", "en": "Pay down"}[lang] not in lights
    finally:
        world.now = world.at("2026-02-02 16:01")
        world.ease(day("2026-03-02"))


def test_story_5_thin_file(site):
    world, _ = site
    thin(world, "p5").asks("2026-06-15 09:00", 3_000)
    student = thin(world, "p5s")
    student.tell("occupation", "2026-06-01", kind="student")
    student.asks("2026-06-15 09:00", 1_000)
    for lang, nothing, studies in (("zh", "暂无数据", "学生"), ("en", "no data", "student")):
        page = reader(site, "p5", lang)
        home = page.see("/me")
        assert "○" in home and nothing in home.lower()
        fits(home, page.see("/me/why"))
        why = reader(site, "p5s", lang).see("/me/why")
        assert studies in why.lower()
        fits(why)


def test_story_6_hardship(store, tmp_path):
    with told(store, tmp_path, dear()) as site:
        world, _ = site
        person, _ = distressed(world, "p6")
        world.now = world.at("2026-04-20 10:00")
        person.asks("2026-04-20 10:00", 1_000, purpose="repay_loans", product="equal_instalments")
        for lang, help_ in (("zh", "困难"), ("en", "help")):
            page = reader(site, "p6", lang)
            home, why, ways = page.see("/me"), page.see("/me/why"), page.see("/me/other-ways")
            fits(home, why, ways)
            assert help_ in home.lower() and help_ in why.lower()
            assert re.search(r"¥1,1\d\d", page.see("/me/repay"))  # what is late, and help beside it
            help_page = page.see("/me/help", cause="job_loss", wish="restructuring")
            assert {"zh": "不收任何费用", "en": "no fee"}[lang] in help_page or "¥" not in help_page


def test_story_7_a_dear_consolidation_is_never_called_the_cheapest(site, tmp_path, monkeypatch):
    world, _ = site
    first = OFFERS.read_text(encoding="utf-8").split("\n- id: ")[1]
    (tmp_path / "offers.yaml").write_text(
        "- id: " + first.replace("rate_ppm: 60000", "rate_ppm: 180000").replace(
            "months: [6, 12, 24, 36]", "months: [36]"), encoding="utf-8")  # fmt: skip
    reference = load_alternatives(tmp_path / "offers.yaml")
    monkeypatch.setattr(own_ways, "_reference", lambda: reference)
    person = Person(world, "p7", "2026-09-10")
    person.tell("income_evidence", "2026-08-20", monthly_income=900_000, source="payroll",
                verified=True)  # fmt: skip
    person.report("2026-09-05", accounts=[
        {"account": "a", "kind": "D1", "lender": "甲平台", "lender_kind": "consumer_finance",
         "balance": 3_000_000, "monthly_due": 283_679, "months_left": 12, "annual_rate_bp": 2_400,
         "grid": "N" * 24}])  # fmt: skip
    for lang, dearer in (("zh", "多 ¥5,003"), ("en", "¥5,003")):
        answer = reader(site, "p7", lang).page("/me/other-ways")
        tables = [one for one in re.findall(r"<table>.*?</table>", answer, re.S) if "5,003" in one]
        assert tables and dearer in re.sub(r"<[^>]+>", " ", tables[0])
        for row in re.findall(r"<tr.*?</tr>", tables[0], re.S):
            assert not ("5,003" in row and 'class="best"' in row), "it is never marked as the best"
