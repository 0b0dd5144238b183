"""What every page of a borrower must say, and the small things they do there: consents, the lock,
steps of a plan, trials."""

from __future__ import annotations

import re
from html import unescape
from typing import Any, get_args

import pytest

from tests.service.test_pages import (  # noqa: F401  (fixtures)
    HTML,
    SESSION,
    arrive,
    http,
    live_well,
    site,
    world,
)
from tests.service_world import event, ordinary
from xindeng.decision.precheck import grid_of
from xindeng.events.life import ConsentCategory
from xindeng.service import consents
from xindeng.service import line as lines
from xindeng.service import plan as planning
from xindeng.service.draw import draw
from xindeng.service.months import by_month
from xindeng.service.product import request_of
from xindeng.web.guard import form_token
from xindeng.web.table import PAGES

OWN = [one.path for one in PAGES
       if one.room == "borrower" and one.method == "GET" and one.template and "{" not in one.path]  # fmt: skip
WORDS = {
    "zh": ("诈骗", "12378 / 12363", "还款照常", "征信"),
    "en": ("swindler", "12378 / 12363", "epayments go on as usual", "credit bureau"),
}


def send(http: Any, path: str, status: int = 303, **form: Any) -> str:  # noqa: F811
    data = {"_csrf": form_token(http.cookies[SESSION]), **form}
    answer = http.post(path, data=data, headers=HTML, follow_redirects=False)
    assert answer.status_code == status, (path, answer.status_code, answer.text[-500:])
    return str(answer.headers.get("location", answer.text))


def see(http: Any, path: str, lang: str = "zh") -> str:  # noqa: F811
    answer = http.get(path, headers={**HTML, "Accept-Language": lang})
    assert answer.status_code == 200, (path, answer.status_code)
    return str(answer.text)


def told(page: str) -> str:
    main = page.partition("<main")[2].partition("</main>")[0]
    return unescape(re.sub(r"<[^>]+>", " ", main))


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("path", OWN)
def test_every_page_warns_of_paid_repair_and_names_the_complaint_lines(http, world, path, lang):  # noqa: F811
    arrive(http, world)
    text = told(see(http, path, lang))
    for part in WORDS[lang][:2]:
        assert part in text, (path, part)


@pytest.mark.parametrize("lang", WORDS)
def test_who_queries_the_bureau_stands_beside_a_trial_and_a_draw(http, world, lang):  # noqa: F811
    live_well(world, f"asks-{lang}")
    made = draw(world.engine, f"asks-{lang}",
                request_of(world.engine, 300_000, 12, "consumption"), "k")  # fmt: skip
    arrive(http, world, f"asks-{lang}")
    for path in ("/me", "/me/try", "/me/draw", f"/me/decisions/{made.id}/cost"):
        assert WORDS[lang][3] in told(see(http, path, lang)).lower(), path


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("mode", ["block", "cap"])
def test_on_every_hold_repayments_go_on_and_nobody_may_charge(http, world, mode, lang):  # noqa: F811
    name = f"held-{mode}-{lang}"
    hold = {"hold": name, "kind": "manual", "mode": mode, "reason": "r",
            "review_at": world.now + 86_400_000_000 * 5}  # fmt: skip
    world.tell(name, *ordinary(), event("hold_placed", "2026-09-09", **hold,
                                        **({"cap": 50_000} if mode == "cap" else {})))  # fmt: skip
    arrive(http, world, name)
    scam, _, calm, _ = WORDS[lang]
    assert re.search(r"2026-09-1\d|2026年9月1\d|1\d September 2026", told(see(http, "/me", lang)))
    for path in ("/me", "/me/why", "/me/draw") if mode == "block" else ("/me",):
        text = told(see(http, path, lang))
        assert calm in text and scam in text, (path, text[:400])


def test_each_consent_is_given_and_withdrawn_by_itself(http, world):  # noqa: F811
    world.settle("consents")
    arrive(http, world, "consents")
    page = see(http, "/me/data")
    offered = re.findall(r'name="category" value="(\w+)"', page)
    assert offered == list(get_args(ConsentCategory))
    for granted, other in ((True, "withdrawn"), (False, "given")):
        for category in offered:
            send(http, "/me/consents", category=category, granted=str(granted).lower())
            known = {one.category: one.granted
                     for one in consents.register(world.engine, "consents")}  # fmt: skip
            assert known[category] is granted
        assert other not in told(see(http, "/me/data", "en"))
    before = world.counts()
    send(http, "/me/consents", 422, category="everything", granted="true")
    send(http, "/me/consents", 422, category="location", granted="perhaps")
    assert world.counts() == before


def test_the_line_is_locked_by_one_press_and_not_unlocked_by_one(http, world):  # noqa: F811
    world.settle("locks")
    arrive(http, world, "locks")
    for _ in range(2):  # pressed twice
        send(http, "/me/lock")
    assert [one.kind for one in lines.show(world.engine, "locks").holds] == ["own_lock"]
    assert "还款照常" in told(see(http, "/me/data")) and "还款照常" in told(see(http, "/me"))
    refused = send(http, "/me/unlock", 403)
    assert "人脸" in refused and lines.show(world.engine, "locks").holds


def test_a_step_is_marked_as_done_once_and_what_counts_is_what_the_records_show(http, world):  # noqa: F811
    engine, name = world.engine, "ticks"
    live_well(world, name)
    refused = draw(engine, name, request_of(engine, 90_000_000, 12, "consumption"), "too much")
    arrive(http, world, name)
    there = send(http, "/me/plan", decision=refused.id)
    assert there.startswith("/me/plans/") and 'class="stack-s done"' not in see(http, there)
    for _ in range(2):  # pressed twice
        assert send(http, f"{there}/steps", choice="1", step="1") == f"{there}#plan-1"
    page = see(http, there)
    assert page.count("stack-s done") == 1 and "以记录上显示的为准" in page
    (kept,) = planning.of_borrower(engine, name)
    assert set(kept.done) == {(1, 1)}
    for choice, step, status in (
        ("9", "1", 422),
        ("1", "99", 422),
        ("0", "1", 422),
        ("x", "1", 422),
    ):
        send(http, f"{there}/steps", status, choice=choice, step=step)


def test_a_trial_tells_the_largest_amount_today_and_by_month_and_leaves_no_mark(http, world):  # noqa: F811
    engine, name = world.engine, "tries"
    live_well(world, name)
    arrive(http, world, name)
    before = world.counts()
    page = send(http, "/me/try", 200, amount="18,000", months="12")
    request = request_of(engine, 1_800_000, 12, "consumption")
    grid = grid_of(engine.policy, engine.clock())
    months = by_month(engine, name, request)
    assert len(months) >= 3
    shown = told(page).partition("未来几个月的最大金额")[2]
    for one in months:
        assert f"¥{one.idle // grid * grid // 100:,}" in shown, one
    assert world.counts() == before
