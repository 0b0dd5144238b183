"""The pages without a browser: headers, cookies, forms, doors, errors; in service, not as a demo."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar.testing import TestClient

from tests.api_world import PASSWORD, ApiWorld
from tests.decision_policy import SHANGHAI
from tests.service_world import event, ordinary
from xindeng.access.table import ACTIONS
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.kernel.errors import NotFoundError, UnavailableError, XindengError
from xindeng.kernel.time import zone
from xindeng.lab.personas import PERSONAS, life_of
from xindeng.service import disburse, matters
from xindeng.service import line as lines
from xindeng.service import plan as planning
from xindeng.service.draw import draw
from xindeng.service.matters import Ask
from xindeng.service.policies import read_bundle
from xindeng.service.product import request_of
from xindeng.service.schedule import pay_early, schedules
from xindeng.store import Store
from xindeng.web.app import Pages, check
from xindeng.web.guard import form_token
from xindeng.web.look import Look
from xindeng.web.route import Page, Shown
from xindeng.web.settings import Site
from xindeng.web.table import PAGES

HTML = {"Accept": "text/html"}
SESSION, VISIT = "__Host-xindeng", "__Host-xindeng-visit"


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: Any) -> ApiWorld:
    made = ApiWorld(store, tmp_path_factory.mktemp("pages"), read_bundle("consumer_line"))
    made.move_to("2026-09-10 12:00")
    for name in ("ann", "bob"):
        made.settle(name)
    return made


@pytest.fixture(scope="module")
def site(world: ApiWorld) -> Iterator[TestClient[Any]]:
    application = create(world.service, ROUTES, beside=Pages(Site(sign_in_at="https://l.example/")))
    with TestClient(application, base_url="https://testserver.local",
                    raise_server_exceptions=False) as found:  # fmt: skip
        found.event_hooks = {"response": [kept_close]}
        yield found


def kept_close(answer: Any) -> None:
    """No answer of any page sets a cookie that a script, another site or plain http could get."""
    for one in answer.headers.get_list("set-cookie"):
        name, _, rest = one.partition("=")
        parts = {part.strip().lower() for part in rest.split(";")[1:]}
        assert name.startswith("__Host-") or name in ("xindeng-lang", "xindeng-theme"), one
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts, one
        assert not any(part.startswith("domain") for part in parts), one


@pytest.mark.parametrize(
    "cookie",
    ["__Host-x=1; Path=/; SameSite=lax; Secure", "__Host-x=1; HttpOnly; Path=/; SameSite=lax",
     "x=1; HttpOnly; Path=/; SameSite=lax; Secure",
     "__Host-x=1; HttpOnly; Path=/; SameSite=lax; Secure; Domain=example.org"],
)  # fmt: skip
def test_a_loose_cookie_is_seen(cookie):
    with pytest.raises(AssertionError):
        kept_close(httpx.Response(200, headers={"Set-Cookie": cookie}))


@pytest.fixture
def http(site: TestClient[Any]) -> TestClient[Any]:
    site.cookies.clear()
    return site


def arrive(http: Any, world: ApiWorld, who: str = "ann", **more: Any) -> Any:
    form = {"token": world.token(who, exp=world.now // 1_000_000 + 600), **more}
    return http.post("/arrive", data=form, headers=HTML, follow_redirects=False)


def csrf(page: Any) -> str:
    found = re.search(r'name="_csrf" value="([0-9a-f]{40})"', page.text)
    assert found is not None
    return found[1]


def test_a_borrower_arrives_with_the_lenders_token(http, world):
    answer = arrive(http, world, next="/me/try")
    assert (answer.status_code, answer.headers["location"]) == (303, "/me/try")
    cookie = answer.headers["set-cookie"]
    for part in (SESSION + "=", "HttpOnly", "Secure", "SameSite=lax", "Path=/"):
        assert part.lower() in cookie.lower(), part
    assert "domain" not in cookie.lower()
    assert http.get("/me", headers=HTML).status_code == 200


@pytest.mark.parametrize("forged", ["", "xs_x", "xd_x", "a.b.c"])
def test_nobody_arrives_with_anything_else(http, world, forged):
    if forged == "xd_x":
        forged = world.key  # a program's key is no borrower's token
    answer = http.post("/arrive", data={"token": forged}, headers=HTML, follow_redirects=False)
    assert answer.status_code in (401, 422) and SESSION not in str(answer.headers)


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_no_address_elsewhere_is_gone_to(http, world, away):
    assert arrive(http, world, next=away).headers["location"] == "/me"
    token = csrf(http.get("/", headers=HTML))
    answer = http.post("/settings", data={"_csrf": token, "lang": "en", "back": away},
                       follow_redirects=False)  # fmt: skip
    assert answer.headers["location"] == "/"


def test_staff_sign_in_and_out(http):
    page = http.get("/staff/sign-in", headers=HTML)
    form = {"_csrf": csrf(page), "name": "support", "password": "wrong one, quite long"}
    assert http.post("/staff/sign-in", data=form, headers=HTML).status_code == 401
    done = http.post("/staff/sign-in", data={**form, "password": PASSWORD}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/desk")
    held = http.cookies[SESSION]
    assert http.get("/me", headers=HTML).status_code == 403
    http.post("/sign-out", data={"_csrf": form_token(held)})
    http.cookies.set(SESSION, held, domain="testserver.local")
    assert http.get("/me", headers=HTML).status_code == 401  # over for good, not only forgotten


FORMS = [page for page in PAGES if page.method == "POST" and not page.open_form]


def test_one_form_alone_comes_from_elsewhere():
    """It brings a token that the lender signed; any other would be a hole."""
    assert [page.path for page in PAGES if page.open_form] == ["/arrive"]
    assert all(page.method == "GET" or page.form is not None for page in PAGES)


@pytest.mark.parametrize("page", FORMS, ids=lambda page: page.path)
def test_no_form_is_taken_without_its_proof(http, world, page):
    """Of no form, of another session's, from another site: for every form of the table."""
    arrive(http, world)
    names = dict.fromkeys(re.findall(r"{(\w+)}", page.path), "x")
    path = page.path.format(**names)
    mine, other = form_token(http.cookies[SESSION]), form_token("somebody else")
    before = world.counts()
    for data, headers in (
        ({}, {}), ({"_csrf": other}, {}),
        ({"_csrf": mine}, {"Origin": "https://evil.example"}),
        ({"_csrf": mine}, {"Sec-Fetch-Site": "cross-site"}),
    ):  # fmt: skip
        answer = http.post(path, data=data, headers={**HTML, **headers}, follow_redirects=False)
        assert answer.status_code == 403, (path, data, headers)
    assert world.counts() == before


@pytest.mark.parametrize("page", [p for p in PAGES if p.method == "GET"], ids=lambda p: p.path)
def test_headers_of_every_page(http, world, page):
    if page.room == "desk":
        http.cookies.set(SESSION, world.sessions["approver"], domain="testserver.local")
    else:
        arrive(http, world)
    path = re.sub(r"{\w+}", "x", page.path)
    answer = http.get(path, headers=HTML, follow_redirects=False)
    assert answer.status_code != 403, "the headers of the page itself are looked at"
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy and policy.startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    for name in ("x-content-type-options", "referrer-policy", "x-frame-options", "request-id"):
        assert answer.headers[name]
    assert not re.search(r"<(style|script(?! type=\"module\" src=\"/assets/))|\son\w+=|\sstyle=",
                         answer.text)  # fmt: skip
    assert len(answer.content) <= 300_000


@pytest.mark.parametrize("page", [p for p in PAGES if p.room != "site"], ids=lambda p: p.name)
def test_nobody_sees_a_room_that_is_not_theirs(http, world, page):
    path = re.sub(r"{\w+}", "x", page.path)
    call = {"GET": http.get, "POST": http.post}[page.method]

    def status() -> int:
        held = http.cookies.get(SESSION) or http.cookies.get(VISIT) or ""
        more = {"data": {"_csrf": form_token(held)}} if page.method == "POST" else {}
        return call(path, headers=HTML, follow_redirects=False, **more).status_code

    http.get("/", headers=HTML)
    assert status() == 401
    if page.room == "borrower":
        http.cookies.set(SESSION, world.sessions["support"], domain="testserver.local")
    else:
        arrive(http, world)
    assert status() == 403


@pytest.fixture(scope="module")
def things(world: ApiWorld) -> dict[str, str]:
    """What somebody else has, by the name under which a path or a form tells it."""
    engine = world.engine
    live_well(world, "owner")
    made = draw(engine, "owner", request_of(engine, 1_200_000, 12, "consumption"), "drawn on")
    world.read_cost("owner", made.id, world.service.ports.funder.name)
    drawn = disburse.confirm(engine, world.service.ports, "owner", made.id, "drawn on").draw
    refused = draw(engine, "owner", request_of(engine, 90_000_000, 12, "consumption"), "too much")
    kept = planning.make_for(engine, refused.id, "owner")
    assert kept.kept, "there is a plan to be hidden"
    matter = matters.open_matter(engine, "owner", Ask("complaint", text="mine alone")).row.id
    return {"decision": refused.id, "plan": kept.made.id, "draw": drawn, "matter": matter,
            "loan": drawn}  # fmt: skip


OWN = [page for page in PAGES if page.room == "borrower"]
FILLED = {"choice": "1", "step": "1", "way": "review", "amount": "3000"}
"""What else a form that names a thing needs."""


@pytest.mark.parametrize("page", [p for p in OWN if "{" in p.path], ids=lambda page: page.name)
def test_anothers_things_are_not_there(http, world, things, page):
    """On every path that names a thing: 404 to whoever does not own it, and nothing is changed."""
    path = page.path.format(**things)

    def status() -> int:
        if page.method == "GET":
            return http.get(path, headers=HTML, follow_redirects=False).status_code
        form = {name: FILLED[name] for name in page.form.__struct_fields__ if name in FILLED}
        sent = {"_csrf": form_token(http.cookies[SESSION]), "_key": "somebody-elses", **form}
        return http.post(path, data=sent, headers=HTML, follow_redirects=False).status_code

    arrive(http, world, "ann")
    before = world.counts()
    assert status() == 404, path
    assert world.counts() == before
    arrive(http, world, "owner")
    assert status() != 404, "there is such a thing, so the answer above was not for want of it"


NAMED = [(page, name) for page in OWN if page.form is not None
         for name in page.form.__struct_fields__ if name in ("decision", "loan", "plan", "matter")]  # fmt: skip


@pytest.mark.parametrize(("page", "name"), NAMED, ids=lambda one: getattr(one, "name", one))
def test_no_form_takes_anothers_thing(http, world, things, page, name):
    """Nor one that a form names: nothing is done, and no word of it is told."""
    assert "{" not in page.path
    form = {field: FILLED[field] for field in page.form.__struct_fields__
            if field in FILLED and field != "amount"}  # fmt: skip
    arrive(http, world, "ann")
    before = world.counts()
    sent = {"_csrf": form_token(http.cookies[SESSION]), "_key": "somebody-elses", **form}
    answer = http.post(page.path, data={**sent, name: things[name]}, headers=HTML,
                       follow_redirects=False)  # fmt: skip
    assert answer.status_code in (404, 422), (answer.status_code, answer.text[-500:])
    assert "900,000" not in answer.text and "12,000" not in answer.text
    assert world.counts() == before


def test_a_session_over_before_the_confirmation_loses_nothing_and_doubles_nothing(http, world):
    """Read, asked to sign in again, back at the sheet, confirmed once, pressed again from before."""
    engine = world.engine
    live_well(world, "slow")
    made = draw(engine, "slow", request_of(engine, 500_000, 12, "consumption"), "slow")
    cost, confirm = (f"/me/decisions/{made.id}/{one}" for one in ("cost", "confirm"))
    arrive(http, world, "slow")
    sheet = http.get(cost, headers=HTML).text
    key = re.search(r'name="_key" value="([^"]+)"', sheet)[1]
    old = {"_csrf": form_token(http.cookies[SESSION]), "_key": key}
    world.now += 700 * 1_000_000  # longer than the lender's token lasts
    over = http.post(confirm, data=old, headers=HTML, follow_redirects=False)
    assert over.status_code == 401 and f"?next={cost}" in over.text
    assert lines.show(engine, "slow").loans == ()
    arrive(http, world, "slow", next=cost)
    assert http.post(confirm, data=old, headers=HTML).status_code == 403  # of the session before
    anew = http.get(cost, headers=HTML).text
    form = {"_csrf": form_token(http.cookies[SESSION]),
            "_key": re.search(r'name="_key" value="([^"]+)"', anew)[1]}  # fmt: skip
    went = [http.post(confirm, data={**form, "_key": one}, headers=HTML, follow_redirects=False)
            for one in (form["_key"], form["_key"], key)]  # fmt: skip
    assert [one.status_code for one in went] == [303] * 3, went[-1].text[-400:]
    assert len({one.headers["location"] for one in went}) == 1
    assert len(lines.show(engine, "slow").loans) == 1


def test_a_payment_that_is_not_known_yet_is_told_as_such_and_is_made_once(http, world):
    """The rail is away: the page says so, can be loaded again, and a second press changes nothing."""
    engine = world.engine
    live_well(world, "rails")
    made = draw(engine, "rails", request_of(engine, 500_000, 12, "consumption"), "rails")
    arrive(http, world, "rails")
    cost, confirm = (f"/me/decisions/{made.id}/{one}" for one in ("cost", "confirm"))
    sheet = http.get(cost, headers=HTML).text
    world.now += 20 * 1_000_000
    form = {"_csrf": csrf(http.get(cost, headers=HTML)),
            "_key": re.search(r'name="_key" value="([^"]+)"', sheet)[1]}  # fmt: skip
    paid = len(world.rail.paid)
    world.rail.script.append("time_out")  # the money moves, the answer is lost
    try:
        first = http.post(confirm, data=form, headers=HTML, follow_redirects=False)
        world.rail.down = True
        went = [first.headers["location"]] + [http.post(confirm, data={**form, "_key": key}, headers=HTML,
                          follow_redirects=False).headers["location"]
                for key in (form["_key"], "another-tab-0")]  # fmt: skip
        assert len(set(went)) == 1
        page = http.get(went[0], headers=HTML)
        assert page.status_code == 200 and "借款正在处理" in page.text
        assert "绝不会重复放款" in page.text and "不需要做任何事" in page.text
    finally:
        world.rail.down = False
    world.now += 60 * 1_000_000
    http.get(went[0], headers=HTML)
    assert "已放款" in http.get(went[0], headers=HTML).text
    assert len(world.rail.paid) == paid + 1 and len(lines.show(engine, "rails").loans) == 1


def test_a_cool_down_is_told_as_a_time_where_a_draw_is_asked_for(http, world):
    engine = world.engine
    live_well(world, "eager", "hammering")
    for number, amount in enumerate((1_500_000, 1_200_000, 1_000_000, 800_000)):
        draw(engine, "eager", request_of(engine, amount, 12, "consumption"), f"e{number}")
        world.now += 3_600 * 1_000_000
    view = lines.show(engine, "eager")
    gate = next(one for one in view.decision.reasons if one.area == "attempts" and one.gate)
    assert gate.until > view.now and view.numbers.area == "debt", "another gate is named"
    arrive(http, world, "eager")
    page = http.get("/me/draw", headers=HTML).text.partition("<main")[2]
    when = Look("zh", engine.policy.zone).moment(gate.until)
    assert re.search(rf"“[^”]+”的解除或复核时间：{when}", page.partition("<form")[0])


def test_a_session_that_is_over_asks_to_sign_in_and_knows_the_way_back(http, world):
    arrive(http, world)
    world.now += 1_000 * 1_000_000
    try:
        answer = http.get("/me/try", headers=HTML)
    finally:
        world.now -= 1_000 * 1_000_000
    assert answer.status_code == 401
    assert "https://l.example/?next=/me/try" in answer.text


def test_a_huge_upload_is_turned_away_with_a_page(http, world):
    arrive(http, world)
    answer = http.post("/me/check-up", data={"_csrf": form_token(http.cookies[SESSION])},
                       files={"bills": ("a.csv", b"x" * 11_000_000)}, headers=HTML)  # fmt: skip
    assert answer.status_code == 413
    assert "10 MB" in answer.text and "<main" in answer.text


def test_a_paper_that_is_none_is_said_to_be_so(http, world):
    arrive(http, world)
    answer = http.post("/me/check-up", data={"_csrf": form_token(http.cookies[SESSION])},
                       files={"report": ("../../<b>evil.pdf", b"%PDF-1.4 not really")},
                       headers=HTML)  # fmt: skip
    assert answer.status_code == 422
    assert "<b>evil" not in answer.text and ".." not in answer.text.split("<main")[1]
    assert "下一步：" in answer.text and "next:" not in answer.text


def test_a_backend_that_is_away_is_told_as_ours(http, world, monkeypatch):
    arrive(http, world)

    def away(*_: Any, **__: Any) -> None:
        raise UnavailableError("host db.internal refused", code="store.away")

    monkeypatch.setattr(lines, "show", away)
    answer = http.get("/me", headers={**HTML, "Accept-Language": "en"})
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert "This is our side, not you" in answer.text and "db.internal" not in answer.text


def test_a_fault_of_ours_tells_its_number_and_nothing_else(http, world, monkeypatch):
    arrive(http, world)

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(lines, "show", broken)
    answer = http.get("/me", headers=HTML)
    assert answer.status_code == 500
    assert answer.headers["request-id"] in answer.text and "secret" not in answer.text


def test_people_get_a_page_and_programs_a_problem(http):
    assert "<main" in http.get("/nowhere", headers=HTML).text
    assert http.get("/nowhere").json()["code"] == "request.path"
    assert http.get("/v1/nowhere", headers=HTML).json()["code"] == "request.path"


@pytest.mark.parametrize(
    ("accepts", "tag"),
    [("en-GB,en;q=0.9", "en"), ("zh-TW,en;q=0.5", "zh-CN"), ("fr", "zh-CN"), ("en;q=x,zh", "zh-CN"),
     ("fr,en;q=0.3,zh;q=0.2", "en"), ("", "zh-CN")],
)  # fmt: skip
def test_the_language_is_the_browsers_until_it_is_set(http, accepts, tag):
    page = http.get("/", headers={**HTML, "Accept-Language": accepts})
    assert f'lang="{tag}"' in page.text
    http.cookies.set("xindeng-lang", "en", domain="testserver.local")
    assert 'lang="en"' in http.get("/", headers={**HTML, "Accept-Language": accepts}).text


def test_times_are_told_in_the_visitors_zone(http, world):
    made = draw(world.engine, "bob", request_of(world.engine, 300_000, 12, "consumption"), "zone")
    arrive(http, world, "bob")
    at, berlin = made.decision.now, zone("Europe/Berlin")
    home = Look("en", world.engine.policy.zone).moment(at)
    away = Look("en", berlin, own_zone=True).moment(at)
    http.cookies.set("xindeng-lang", "en", domain="testserver.local")
    assert home in http.get("/me/history", headers=HTML).text
    http.cookies.set("xindeng-zone", "Europe%2FBerlin", domain="testserver.local")
    assert away.endswith("(Europe/Berlin)") and away in http.get("/me/history", headers=HTML).text
    http.cookies.set("xindeng-zone", "../../etc/passwd", domain="testserver.local")
    assert home in http.get("/me/history", headers=HTML).text


def test_trials_leave_no_mark(http, world):
    arrive(http, world)
    before = world.counts()
    for amount in ("8000", "200000"):
        answer = http.post("/me/try", data={"_csrf": form_token(http.cookies[SESSION]),
                                            "amount": amount}, headers=HTML)  # fmt: skip
        assert answer.status_code == 200 and "不保证放款" in answer.text
    assert world.counts() == before


def test_too_small_an_amount_is_told_the_smallest(http, world):
    arrive(http, world, "ann")
    for amount, small in (("50", True), ("-5", False), ("x", False)):
        sent = {"_csrf": form_token(http.cookies[SESSION]), "amount": amount}
        answer = http.post("/me/try", data=sent, headers=HTML)
        assert answer.status_code == 422, amount
        assert ("试算金额最少 ¥500" in answer.text) is small, amount


def live_well(world, name, persona="all-green"):
    """Tell of somebody whose draws are approved, or of another persona of the demo."""
    lives = next(one for one in PERSONAS if one.borrower == persona)
    life = life_of(lives, world.now, world.engine.policy.zone)
    told = [
        {"type": kind, "id": f"{name}-{number}", "occurred_at": at, "payload": dict(payload)}
        for number, (kind, at, payload) in enumerate(life)
    ]
    world.tell(name, *told)


def test_paying_a_part_early_is_reckoned_out_and_books_nothing(http, world):
    engine = world.engine
    live_well(world, "early")
    stored = draw(engine, "early", request_of(engine, 1_200_000, 12, "consumption"), "k")
    world.read_cost("early", stored.id, world.service.ports.funder.name)
    disburse.confirm(engine, world.service.ports, "early", stored.id, "k")
    (loan,) = schedules(engine, "early")
    arrive(http, world, "early")
    before = world.counts()
    text = http.get(f"/me/repay?loan={loan.loan}&amount=6,000", headers=HTML).text
    found = pay_early(engine, "early", loan.loan, 600_000)
    assert 0 < found.saved < loan.saved
    for amount in (found.saved, found.principal, found.coming[0].total):
        assert f"¥{amount / 100:,.2f}".removesuffix(".00") in text
    for wrong, status in (("x", 422), ("0", 422), ("99999", 422), ("-1", 422), ("", 200)):
        answer = http.get(f"/me/repay?loan={loan.loan}&amount={wrong}", headers=HTML)
        assert answer.status_code == status, wrong
        assert ('id="problem"' in answer.text) == (status == 422)
    assert world.counts() == before
    arrive(http, world, "ann")  # somebody else's loan is not there
    assert "6,000" not in http.get(f"/me/repay?loan={loan.loan}&amount=6,000", headers=HTML).text
    with pytest.raises(NotFoundError):
        pay_early(engine, "ann", loan.loan, 600_000)


def test_the_demo_door_is_shut_in_service(http):
    token = csrf(http.get("/", headers=HTML))
    answer = http.post("/demo/enter", data={"_csrf": token, "who": "support"}, headers=HTML)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "page",
    [
        Page(path="/x", action="no.such", handler=lambda visit: Shown()),
        Page(path="/x", action="page.look", handler=lambda visit: Shown(), room="borrower"),
        Page(path="/me/{borrower}", action="line.read", handler=lambda visit: Shown(),
             room="borrower"),
        Page(path="/x", action="line.read", handler=lambda visit: Shown(), room="desk",
             open_form=True),
        PAGES[0],
    ],
    ids=["no action", "public room", "names a borrower", "open form", "twice"],
)  # fmt: skip
def test_an_unsound_table_is_refused(page):
    with pytest.raises(XindengError, match="/"):
        check([*PAGES, page])
    assert all(page.action in ACTIONS for page in PAGES)


LIVES = {
    "only opened": [event("account_opened", "2026-08-01", birth_day=8_000)],
    "no limit": ordinary()[1:],
    "limit of nothing": [
        event("limit_change", "2026-08-01", limit=0, change="zeroed", reason="policy: x")
    ],
    "late": [
        *ordinary(),
        event("delinquency", "2026-09-09", dpd=40, overdue_amount=110_200),
        event("hardship_request", "2026-09-09", cause="illness"),
    ],
    "held": [
        *ordinary(),
        event("hold_placed", "2026-09-09", hold="h", kind="manual", mode="block", reason="r",
              review_at=SHANGHAI.parse("2026-09-20")),
    ],
}  # fmt: skip


@pytest.mark.parametrize("life", LIVES)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_a_borrower_of_whom_little_is_known(http, world, life, lang):
    name = life.replace(" ", "-")
    world.tell(name, *LIVES[life])
    arrive(http, world, name)
    http.cookies.set("xindeng-lang", lang, domain="testserver.local")
    for page in PAGES:
        if page.method == "GET" and page.room == "borrower" and "{" not in page.path:
            answer = http.get(page.path, headers=HTML)
            assert answer.status_code == 200, (page.path, answer.text[-600:])
    for path, form in (("/me/try", {"amount": "3000"}), ("/me/plan", {"amount": "3000"})):
        form["_csrf"] = form_token(http.cookies[SESSION])
        assert http.post(path, data=form, headers=HTML).status_code in (200, 422), path


def test_somebody_of_whom_nothing_is_known_is_told_so(http, world):
    arrive(http, world, "nobody-yet")
    answer = http.get("/me", headers=HTML)
    assert answer.status_code == 404 and "这里还没有您的额度" in answer.text


def test_an_approval_that_was_drawn_on_is_offered_no_more(http, world):
    """The back button or a second tab leads to the draw, on every page that knew of the offer."""
    live_well(world, "drawn")
    engine, ports = world.engine, world.service.ports
    made = draw(engine, "drawn", request_of(engine, 500_000, 12, "consumption"), "ask")
    arrive(http, world, "drawn")
    here, cost = f"/me/decisions/{made.id}", f"/me/decisions/{made.id}/cost"
    assert cost in http.get(here, headers=HTML).text
    sheet = http.get(cost, headers=HTML)
    world.read_cost("drawn", made.id, ports.funder.name)
    found = disburse.confirm(engine, ports, "drawn", made.id, "first tab")
    assert cost not in http.get(here, headers=HTML).text
    again = http.get(cost, headers=HTML, follow_redirects=False)
    key = re.search(r'name="_key" value="([^"]+)"', sheet.text)
    form = {"_csrf": csrf(sheet), "_key": key[1]}
    second = http.post(f"{here}/confirm", data=form, headers=HTML, follow_redirects=False)
    for answer in (again, second):
        assert answer.status_code == 303, answer.text
        assert answer.headers["location"] == f"/me/draws/{found.draw}"


def test_a_draw_of_a_session_that_is_gone_leads_back_with_what_was_typed(http, world):
    """Signed out, or somebody else signed in meanwhile: said as it is, nothing done, nothing lost."""
    live_well(world, "asker")
    live_well(world, "another")
    arrive(http, world, "asker")
    old = {"_csrf": form_token(http.cookies[SESSION]), "_key": "p-of-before-1", "amount": "3210",
           "months": "12"}  # fmt: skip
    before = world.counts()["decision"]
    http.cookies.clear()
    gone = http.post("/me/draw", data=old, headers=HTML, follow_redirects=False)
    assert gone.status_code == 401 and "请重新登录" in gone.text
    assert re.search(r"next=/me/draw%3Famount%3D3210", gone.text)
    arrive(http, world, "another")
    other = http.post("/me/draw", data=old, headers=HTML, follow_redirects=False)
    assert other.status_code == 403 and "重新登录或退出过" in other.text
    back = html.unescape(re.search(r'href="(/me/draw[?][^"]*)"', other.text)[1])
    assert 'value="3210"' in http.get(back, headers=HTML).text
    assert "next=/me/draw%3Famount%3D3210" in other.text, "whoever asked may sign in again"
    assert world.counts()["decision"] == before, "nothing is asked by itself"
    forged = http.post("/me/draw", data=old, headers={**HTML, "Origin": "https://evil.example"},
                       follow_redirects=False)  # fmt: skip
    assert forged.status_code == 403 and "3210" not in forged.text
