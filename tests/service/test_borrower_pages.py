"""What the borrowers of the demo read on their pages: true, whole, and of one piece; without a
browser, in both languages."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.kernel.errors import ConflictError
from xindeng.lab.personas import PERSONAS
from xindeng.policy.texts import show
from xindeng.service import decisions, finding, hardship, matters
from xindeng.service import line as lines
from xindeng.service.engine import Engine
from xindeng.store import Store
from xindeng.web.app import Pages
from xindeng.web.borrower.plan import PLACES
from xindeng.web.demo import DAY_OF_DEMO, DemoClock, demo_engine, demo_ports, doors, settle
from xindeng.web.table import PAGES

pytestmark = pytest.mark.postgres
LANGS = ("zh", "en")
ISO = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass
class Reader:
    """Somebody who reads the pages of the demo's borrowers."""

    http: TestClient[Any]
    engine: Engine
    credentials: dict[str, str]

    def _as(self, who: str, lang: str) -> dict[str, str]:
        self.http.cookies.clear()
        return {"Accept": "text/html",
                "Cookie": f"xindeng={self.credentials[who]}; xindeng-lang={lang}"}  # fmt: skip

    def page(self, who: str, path: str, lang: str = "en", status: int = 200) -> str:
        answer = self.http.get(path, headers=self._as(who, lang))
        assert answer.status_code == status, (who, path, answer.status_code)
        return answer.text

    def send(self, who: str, path: str, lang: str = "en", status: int = 200, **form: str) -> str:
        headers = self._as(who, lang)
        found = re.search(r'name="_csrf" value="(\w+)"', self.page(who, "/me/try", lang))
        assert found is not None
        answer = self.http.post(path, headers=headers, data={"_csrf": found[1], **form},
                                follow_redirects=False)  # fmt: skip
        if answer.status_code == 303:
            return self.page(who, answer.headers["location"], lang)
        assert answer.status_code == status, (who, path, answer.status_code)
        return answer.text


@pytest.fixture(scope="module")
def reader(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    home: Path = tmp_path_factory.mktemp("demo")
    clock = DemoClock(0)
    engine, ports = demo_engine(store, clock), demo_ports()
    settle(engine, clock, ports, engine.policy.zone.parse(DAY_OF_DEMO))
    with doors(engine, ports, home) as (service, site):
        assert site.demo is not None
        known = {one.borrower: site.demo.enter(one.borrower) for one in PERSONAS}
        with TestClient(create(service, ROUTES, beside=Pages(site))) as http:
            yield Reader(http, engine, known)


def words(page: str) -> str:
    """The text of a page's main part, its tags gone."""
    main = page[page.index("<main") : page.index("</main>")]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def in_bold(page: str) -> str:
    """What is in bold under "From when on"."""
    found = re.search(r'aria-labelledby="when".*?<p class="strong">(.*?)</p>', page, re.DOTALL)
    assert found is not None
    return html.unescape(found[1])


# ---- what only time clears ----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("lang", "tag", "until"),
    [("zh", "时间会解决", "只有时间能解除：从现在起都按时还款的话，算到 2028-02-01 为止。"),
     ("en", "time heals it", "Only time ends this one: if everything is paid on time from now on, "
                             "it counts until 2028-02-01.")],
)  # fmt: skip
def test_months_overdue_are_nothing_that_paying_clears(
    reader: Reader, lang: str, tag: str, until: str
) -> None:
    """Six months overdue within 24: the sixth newest of them, January 2026, leaves in 2028."""
    page = reader.page("bad-record", "/me/why", lang)
    rows = re.findall(r'<li class="stack-s">\s*<h3.*?</li>\s*(?=<li class="stack-s">|</ol>)', page,
                      re.DOTALL)  # fmt: skip
    months = next(row for row in rows if re.search("近24个月累计 6|6 months overdue", row))
    assert tag in months and until in html.unescape(months)
    assert not re.search("还清逾期|Settle what is overdue", months), "paying does not clear it"
    now = next(row for row in rows if "¥465" in row)
    assert re.search("还清逾期|Settle what is overdue", now)
    assert re.search("您可以改变|yours to change", now)


@pytest.mark.parametrize("lang", LANGS)
def test_the_plan_says_what_is_ones_own_and_until_when_time_holds(
    reader: Reader, lang: str
) -> None:
    page = words(reader.send("bad-record", "/me/plan", lang))
    assert "2028-02-01" in page
    if lang == "zh":
        assert "您这边能做的 还清征信上显示的逾期：¥465" in page
        assert "只做这一步，这笔申请还不能通过" in page
    else:
        assert "What is in your hands Settle what the credit report shows as overdue: ¥465" in page
        assert "This alone does not make the request pass" in page


@pytest.mark.parametrize("lang", LANGS)
def test_an_early_warning_shows_what_it_rests_on(reader: Reader, lang: str) -> None:
    page = words(reader.page("zeroing", "/me", lang))
    assert "2026-11-14" in page and "2026-10-30" in page, "when, and when it was told"
    assert "¥465" in page and "2026-10-28" in page, "the fact, and of which day"
    assert ("在此之前还清这笔逾期" if lang == "zh" else "settle what is overdue before") in page


@pytest.mark.parametrize("lang", LANGS)
def test_a_plan_never_forgets_the_day_of_an_early_warning(reader: Reader, lang: str) -> None:
    """Home says that the limit may be ¥0 from the 14th on: no later date stands without that."""
    page = words(reader.send("zeroing", "/me/plan", lang))
    if lang == "zh":
        assert "2026-11-14 提前提醒：2026-11-14起额度可能变为¥0。" in page, "on the time line"
        assert "2026-11-22才有结果，不早于提醒里的2026-11-14" in page
        assert page.count("前提：额度没有因提前提醒而下调") >= 2, "of the plan, and of the months"
        assert "2026-11-15 额度状态" not in page, "that the day is over is no relief"
    else:
        assert "2026-11-14 Early warning: from 2026-11-14 on the limit may be ¥0." in page
        assert "comes on 2026-11-22 and not before 2026-11-14" in page
        assert page.count("This assumes that the limit is not cut") >= 2
        assert not re.search("2026-11-15 [A-Z][a-z ]+▲", page)
    why = words(reader.page("zeroing", "/me/why", lang))
    assert ("通常 30 天后体现，赶不上 2026-11-14" if lang == "zh"
            else "usually shows after 30 days, which is too late for 2026-11-14") in why  # fmt: skip
    settle, active = (("还清逾期的部分", "保持日常真实消费") if lang == "zh"
                      else ("Settle what is overdue", "Keep up ordinary purchases"))  # fmt: skip
    warning = why[why.index("预警：" if lang == "zh" else "A warning that your limit") :]
    assert warning.index(settle) < warning.index(active), "what shows in time comes first"


@pytest.mark.parametrize("lang", LANGS)
def test_no_plan_is_offered_for_a_request_that_passed(reader: Reader, lang: str) -> None:
    last = 'aria-labelledby="last"'
    assert last not in reader.page("all-green", "/me/plan", lang)
    assert last in reader.page("identity", "/me/plan", lang)


@pytest.mark.parametrize("who", ["bad-record", "zeroing"])
@pytest.mark.parametrize("lang", LANGS)
def test_home_names_all_that_stands_in_the_way(reader: Reader, who: str, lang: str) -> None:
    """Paying what is overdue is not enough, and until when the rest holds is known."""
    page = words(reader.page(who, "/me", lang))
    assert (
        "另外还有 1 项限制，也要解除才能借" if lang == "zh" else "which has to end, too"
    ) in page
    assert ("近24个月累计 6 个月逾期" if lang == "zh" else "6 months overdue") in page
    plan = words(reader.send(who, "/me/plan", lang))
    assert not re.search("目前算不出来|cannot be (told|worked out)", plan)
    assert plan.count("2028-02-01") >= 2, "where the branch of a no stands, too"


@pytest.mark.parametrize(
    ("who", "day"), [("bad-record", "2028-02-01"), ("strange-inflow", "2026-11-08 04:01")]
)
@pytest.mark.parametrize("lang", LANGS)
def test_how_the_line_stands_now_has_its_when_too(
    reader: Reader, who: str, day: str, lang: str
) -> None:
    assert day in words(reader.page(who, "/me/why", lang))
    assert day in words(reader.page(who, "/me/why?now=1", lang))


# ---- other ways ----------------------------------------------------------------------------------
@pytest.mark.parametrize("lang", LANGS)
def test_no_month_takes_more_than_what_all_ways_are_reckoned_with(
    reader: Reader, lang: str
) -> None:
    """What is paid early is a part of what is paid: counted once more, months took ¥9,218."""
    page = reader.page("over-indebted", "/me/other-ways", lang)
    text = words(page)
    note = (r"都按每月共还 ¥([\d,]+) 计算（现在政策计入的每月应还是 ¥([\d,]+)，另加 ¥([\d,]+)" if lang == "zh"
            else r"All with ¥([\d,]+) a month \(the policy counts ¥([\d,]+) as due today; ¥([\d,]+)")  # fmt: skip
    found = re.search(note, text)
    assert found is not None
    monthly, counted, more = (float(yuan.replace(",", "")) for yuan in found.groups())
    assert counted == 5_300 and monthly == counted + more, "the due told elsewhere, and the rest"
    rows = (re.findall(r"<t[dh][^>]*>([^<]*)</t[dh]>", row) for row in page.split("<tr>"))
    paid = [float(row[1].strip("¥").replace(",", "")) for row in rows
            if len(row) == 6 and row[0].isdigit()]  # fmt: skip
    assert paid and max(paid) == monthly, "the whole of it is spent, and never more"


# ---- dates that belong together -----------------------------------------------------------------
@pytest.mark.parametrize("lang", LANGS)
def test_two_dates_are_tied_by_a_sentence(reader: Reader, lang: str) -> None:
    page = words(reader.page("strange-inflow", "/me/why", lang))
    assert ("哪个先到，就以哪个为准" if lang == "zh" else "whichever comes first") in page
    first = in_bold(reader.page("strange-inflow", "/me/why", lang))
    assert (
        "说明大额资金的来源" if lang == "zh" else "show where the large payment came from"
    ) in first


@pytest.mark.parametrize("who", [one.borrower for one in PERSONAS])
@pytest.mark.parametrize("lang", LANGS)
def test_a_page_writes_its_dates_one_way(reader: Reader, who: str, lang: str) -> None:
    for path in ("/me", "/me/why", "/me/history?all=1", "/me/data", "/me/repay", "/me/matters"):
        page = words(reader.page(who, path, lang))
        assert not re.search(r"\d年\d|\d{1,2} (January|February|October|November|December) \d",
                             page), path  # fmt: skip
        if path == "/me/data":
            assert ISO.search(page)


# ---- what settles it comes first ----------------------------------------------------------------
@pytest.mark.parametrize("lang", LANGS)
def test_a_face_check_is_told_before_any_wait(reader: Reader, lang: str) -> None:
    page = reader.page("identity", "/me/why", lang)
    first = in_bold(page)
    assert ("完成身份核验，完成后就可以再试" if lang == "zh" else "complete the identity check, then")\
        in first  # fmt: skip


def test_one_horizon_everywhere(reader: Reader) -> None:
    why = words(reader.page("over-indebted", "/me/why", "zh"))
    assert "只靠等待，184 天内还不能借 ¥8,000" in why and "400 天" not in why
    plan = words(reader.send("over-indebted", "/me/plan", "zh"))
    assert "到2027-05-05为止不会通过" in plan, "184 days from 2026-11-02"


# ---- months, amounts, places --------------------------------------------------------------------
@pytest.mark.parametrize("lang", LANGS)
def test_months_are_a_table_and_a_fall_in_it_has_its_reason(reader: Reader, lang: str) -> None:
    page = reader.send("idle", "/me/plan", lang)
    table = re.search(r'<table class="ladder".*?</table>', page, re.DOTALL)
    assert table is not None and table[0].count('<th scope="row"') == 7
    last = words(f"<main>{table[0]}</main>").split(" 2027-01-01 ")[1].split(" 2027-01-31")[0]
    assert last == "¥0 ¥0"
    said = words(page)
    assert (
        "到2027-01-01又不能借了：那时再受“账户活跃”限制"
        if lang == "zh"
        else "By 2027-01-01 nothing passes any more: “Account activity” stands in the way"
    ) in said
    assert ("完成身份核验" if lang == "zh" else "Complete the identity check") in said
    tried = reader.send("all-green", "/me/try", lang, amount="5000", months="12")
    assert '<table class="ladder"' in tried


@pytest.mark.parametrize(
    ("path", "form"),
    [("/me/try", {}), ("/me/plan", {}), ("/me/draw", {"_key": "p-01a199fc-715e-788a"})],
)
def test_what_is_wrong_with_an_amount_is_said(
    reader: Reader, path: str, form: dict[str, str]
) -> None:
    def answer(amount: str, months: str = "12") -> str:
        return words(
            reader.send("all-green", path, status=422, amount=amount, months=months, **form)
        )

    assert "at most ¥200,000" in answer("99999999999999")
    assert "Please write an amount such as 8000." in answer("eight")
    assert "Please write an amount above ¥0." in answer("0")
    if path != "/me/draw":  # which tells of its products
        assert "This is not offered over so many months." in answer("8000", "7")


def test_a_way_that_there_is_not_is_no_review(reader: Reader) -> None:
    page = words(reader.page("idle", "/me/matters/new?way=nonsense", status=404))
    assert "There is no such way" in page and "Complaint" in page
    assert "There is no such way" not in words(reader.page("idle", "/me/matters/new?way=dispute"))


def test_a_step_leads_to_a_page_that_there_is() -> None:
    known = {page.path for page in PAGES if page.method == "GET"}
    assert {re.split("[?#]", place)[0] for place in PLACES.values()} <= known


def test_where_an_inflow_is_explained_is_a_place(reader: Reader) -> None:
    page = reader.send("strange-inflow", "/me/plan")
    assert 'href="/me/matters/new?way=review"' in page
    assert "in your lender's app under Security – Explain a payment" in words(page)


# ---- asked for help -----------------------------------------------------------------------------
def test_a_request_for_help_has_its_day_on_every_page(reader: Reader) -> None:
    hardship.ask(reader.engine, "over-spending", cause="job_loss", wish="deferral")
    day = "2026-11-05"  # three working days after Monday, 2026-11-02
    for path in ("/me", "/me/why", "/me/help"):
        page = words(reader.page("over-spending", path))
        assert f"A person answers by {day} at the latest." in page, path
    assert "is with us" not in words(reader.page("idle", "/me"))


# ---- what is said beside ------------------------------------------------------------------------
@pytest.mark.parametrize("lang", LANGS)
def test_a_step_is_not_all_where_time_has_its_part(reader: Reader, lang: str) -> None:
    first = in_bold(reader.page("many-lenders", "/me/why", lang))
    assert "2027-01-21" in first and ("自己解除" if lang == "zh" else "lets go by itself") in first
    assert ("提前归还一部分借款" if lang == "zh" else "repay part of what you owe") in first


def test_a_trial_is_none_of_the_tries_it_speaks_of(reader: Reader) -> None:
    tried = words(reader.send("hammering", "/me/try", amount="5000", months="12"))
    assert "different amounts" not in tried, "the trial itself would be one of them"
    assert "4 different amounts" in words(reader.page("hammering", "/me/why"))
    assert "Up to 2027-05-01 nothing passes by time alone." in tried


def test_nothing_is_asked_of_whom_our_side_stops(reader: Reader) -> None:
    assert "Find a plan" not in words(reader.page("brake", "/me/why"))
    assert "Find a plan" in words(reader.page("bad-record", "/me/why"))


def test_an_account_to_be_verified_is_sent_to_one_place(reader: Reader) -> None:
    page = words(reader.send("theft", "/me/plan"))
    assert page.count("under Security – Verify account") == 2 and "Me – Identity" not in page
    assert "Find a plan" not in page, "no amount changes it"


@pytest.mark.parametrize("lang", LANGS)
def test_whoever_pays_as_agreed_is_not_sent_for_help(reader: Reader, lang: str) -> None:
    page = words(reader.page("all-green", "/me/other-ways", lang))
    assert not re.search("应还款比可用的钱多|dues are .* more than there is", page)


def test_ones_own_lock_has_no_review_and_no_day_before_we_lend_again(reader: Reader) -> None:
    """The platform pauses, and the borrower locks: both stand in the way, and neither is hidden."""
    reader.send("brake", "/me/lock")
    home = reader.page("brake", "/me")
    assert "2036" not in words(home), "a lock is reviewed by nobody"
    assert "It stays until you take it off." in words(home)
    assert "1 more thing stands in the way" in words(home) and 'href="/me/why?now=1"' in home
    # The last refusal was before the lock; how things stand now is one press away.
    assert "You locked draws yourself" not in words(reader.page("brake", "/me/why"))
    now = words(reader.page("brake", "/me/why?now=1"))
    assert "You locked draws yourself" in now and "What stands in the way now" in now
    assert "Nothing was refused lately" in words(reader.page("all-green", "/me/why?now=1"))
    for lang in LANGS:
        page = words(reader.send("brake", "/me/plan", lang))
        assert ("平台恢复放款之后，按本版政策核算" if lang == "zh" else "Once we lend again, ¥5,000 passes")\
            in page  # fmt: skip
        assert (
            "平台恢复放款后 2026-11-02" if lang == "zh" else "once we lend again 2026-11-02"
        ) in page


# ---- an offer that was not confirmed --------------------------------------------------------------
def in_use(page: str) -> str:
    found = re.search(r"<dt>In use</dt><dd>(.*?)</dd>", page)
    assert found is not None
    return found[1]


def test_an_offer_is_named_and_letting_go_of_it_frees_what_it_kept(reader: Reader) -> None:
    before = in_use(reader.page("all-green", "/me"))
    cost = reader.send("all-green", "/me/draw", amount="3000", months="12", _key="p-offer-0001")
    found = re.search(r'action="(/me/decisions/[\w-]+/drop)"', cost)
    assert found is not None, "“not now” is a form that lets go of the offer"
    home = reader.page("all-green", "/me")
    assert in_use(home) != before
    for path in ("/me", "/me/draw"):
        page = reader.page("all-green", path)
        assert re.search(r"An offer of ¥3,000(\.00)? stands until \d", words(page)), path
        assert f'action="{found[1]}"' in page
        assert f'href="{found[1].replace("drop", "cost")}"' in page
    after = reader.send("all-green", found[1])
    assert in_use(after) == before and "An offer of" not in after
    assert in_use(reader.send("all-green", found[1])) == before, "pressed again it does no more"
    there = reader.http.get(found[1].replace("drop", "cost"), follow_redirects=False,
                            headers=reader._as("all-green", "en")).headers["location"]  # fmt: skip
    again = reader.page("all-green", there)
    assert "You let go of this offer" in again and "could not be paid out" not in again
    assert in_use(reader.page("all-green", "/me")) == before


@pytest.mark.parametrize("lang", LANGS)
def test_the_number_that_support_asks_for_stands_on_home_alone(reader: Reader, lang: str) -> None:
    assert "all-green" in words(reader.page("all-green", "/me", lang))
    for path in ("/me/more", "/me/data", "/me/why"):
        assert "all-green" not in words(reader.page("all-green", path, lang)), path
    assert [one.by for one in finding.find(reader.engine, "all-green")], "and it is found by it"


# ---- history tells no more than why ---------------------------------------------------------------
@pytest.mark.parametrize(("lang", "safe"), [("zh", "账户需要核实"),
                                            ("en", "The account needs to be verified")])  # fmt: skip
def test_history_withholds_what_why_withholds(reader: Reader, lang: str, safe: str) -> None:
    page = words(reader.page("theft", "/me/history?all=1", lang))
    assert not re.search("账户安全|ccount security|¥500(?!,)|到期|time alone", page), page
    assert safe in page and not re.search("需要人工复核|A person needs to look", page)


@pytest.mark.parametrize("who", [one.borrower for one in PERSONAS])
def test_history_tells_every_pause_and_warning(reader: Reader, who: str) -> None:
    page = words(reader.page(who, "/me/history", "en"))
    assert "to begin with" not in page
    seen = lines.show(reader.engine, who, veil=True)
    told = [one.placed_at for one in seen.holds if one.pauses_draws]
    told += [seen.warned.at] if seen.warned is not None else []
    zone = reader.engine.policy.zone
    for at in told:
        assert show(at, "datetime", "en", "CNY", zone) in page, (who, page)


@pytest.mark.parametrize(
    ("lang", "said", "beside"),
    [
        ("zh", r"近 24 小时内有 (\d) 次申请没有通过", "等候期间再申请的不计入"),
        (
            "en",
            r"(\d) requests did not pass in the last 24",
            "asking during the wait is not counted",
        ),
    ],
)
def test_tries_that_are_not_counted_are_said_not_to_be(
    reader: Reader, lang: str, said: str, beside: str
) -> None:
    """Asked four times in a day, the last time during the wait that the first three brought."""
    made, _ = decisions.page(reader.engine, "hammering", below=None, count=9)
    counted = [one for one in made if one.decision.counted]
    rules = [reason.rule for reason in made[0].decision.reasons]
    assert len(made) == 4 and made[1:] == counted and "attempts.day_cooldown" in rules
    text = words(reader.page("hammering", "/me/why?now=1", lang))
    found = re.search(said, text)
    assert found is not None and int(found[1]) == len(counted) and beside in text


def test_why_objects_to_nothing_where_nothing_was_decided(reader: Reader) -> None:
    """Tang was refused nothing: no decision to object to, and the amount that Home tells."""
    home, page = reader.page("all-green", "/me"), reader.page("all-green", "/me/why")
    found = re.search(r'<p class="big">(¥[\d,.]+)</p>', home)
    assert found is not None
    assert f"Nothing stands in the way of a draw up to {found[1]} today." in words(page)
    assert not re.search("way=review|way=appeal|You do not agree", page)
    assert "way=dispute" in page and "way=complaint" in page
    refused = reader.page("hammering", "/me/why?now=1")
    assert "way=review" in refused and "way=appeal" in refused and "You do not agree" in refused


# ---- one date of a review, wherever it is asked for ----------------------------------------------
@pytest.mark.parametrize("lang", LANGS)
def test_why_tells_the_review_that_home_and_the_notice_told(reader: Reader, lang: str) -> None:
    zone = reader.engine.policy.zone
    dated = 0
    for one in PERSONAS:
        at = lines.show(reader.engine, one.borrower, veil=True).hold_review
        if at is None:
            continue
        dated += 1
        told = show(at, "datetime", lang, "CNY", zone)
        assert told in words(reader.page(one.borrower, "/me", lang))
        for path in ("/me/why", "/me/why?now=1"):
            assert told in words(reader.page(one.borrower, path, lang)), (one.borrower, path)
    assert dated


# ---- what the lender's own rules put before a person ---------------------------------------------
def test_a_review_of_the_policys_own_is_not_shown_as_the_borrowers(reader: Reader) -> None:
    found = [
        (one.borrower, matter.row)
        for one in PERSONAS
        for matter in matters.of_borrower(reader.engine, one.borrower)
        if matter.row.open and not matter.row.asked
    ]
    assert found
    for who, row in found:
        page = reader.page(who, "/me/matters", "zh")
        assert "按平台规则发起" in page and f"/me/matters/{row.id}/withdraw" not in page
        day = show(row.due_day, "date", "zh", "CNY", reader.engine.policy.zone)
        why = reader.page(who, "/me/why", "zh")
        assert day in words(why) and 'href="/me/matters"' in why
        with pytest.raises(ConflictError):
            matters.withdraw(reader.engine, who, row.id)


@pytest.mark.parametrize("lang", LANGS)
def test_a_pause_of_one_segment_is_not_told_as_one_of_all(reader: Reader, lang: str) -> None:
    page = words(reader.page("brake", "/me/why", lang))
    assert not re.search("整体|across the platform", page)
    assert re.search("您所在的这类账户|accounts of your kind", page), page


@pytest.mark.parametrize("lang", LANGS)
def test_what_stops_a_draw_is_not_told_again_among_what_had_no_effect(
    reader: Reader, lang: str
) -> None:
    """Chen's monthly payments to income are told once, by the rule that they break."""
    text = words(reader.page("over-indebted", "/me/why", lang))
    share = re.search(r"\d+\.\d%", text)
    assert share is not None and text.count(share[0]) == 1, text
