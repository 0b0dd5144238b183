"""The desks without a browser: who may see what, masks, hostile texts, double presses, sessions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.api_world import ApiWorld
from tests.service_world import event
from xindeng.access.table import ACTIONS
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.service import finding, holds, matters, proposals
from xindeng.service import line as lines
from xindeng.service.draw import draw
from xindeng.service.matters import Ask
from xindeng.service.policies import read_bundle
from xindeng.service.product import request_of
from xindeng.store import Store, actions
from xindeng.web.app import Pages
from xindeng.web.guard import form_token
from xindeng.web.route import Page
from xindeng.web.settings import Site
from xindeng.web.table import PAGES

HTML = {"Accept": "text/html", "Accept-Language": "en"}
SESSION = "__Host-xindeng"
HOSTILE = "<script>alert(1)</script>'\"&{{7*7}}"
ROLES = ("support", "analyst", "approver", "admin")
DESK = [page for page in PAGES if page.room == "desk"]
ANN, BEA = "customer-0001", "customer-0002"


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: Any) -> ApiWorld:
    made = ApiWorld(store, tmp_path_factory.mktemp("desks"), read_bundle("consumer_line"))
    made.move_to("2026-09-10 12:00")
    made.employ("second", "approver")
    for name in (ANN, BEA):
        made.settle(name)
        draw(made.engine, name, request_of(made.engine, 300_000, 12, "consumption"), "k")
    return made


@pytest.fixture(scope="module")
def site(world: ApiWorld) -> Iterator[TestClient[Any]]:
    application = create(world.service, ROUTES, beside=Pages(Site()))
    with TestClient(application, base_url="https://testserver.local",
                    raise_server_exceptions=False) as found:  # fmt: skip
        yield found


@pytest.fixture
def http(site: TestClient[Any]) -> TestClient[Any]:
    site.cookies.clear()
    return site


def sit(http: Any, world: ApiWorld, who: str) -> None:
    http.cookies.set(SESSION, world.sessions[who], domain="testserver.local")


def see(http: Any, path: str, status: int = 200) -> str:
    answer = http.get(path, headers=HTML, follow_redirects=False)
    assert answer.status_code == status, (path, answer.status_code, answer.text[-600:])
    return str(answer.text)


def press(http: Any, path: str, key: str = "", status: int = 303, **form: Any) -> Any:
    data = {"_csrf": form_token(http.cookies[SESSION]), **form}
    if key:
        data["_key"] = key
    answer = http.post(path, data=data, headers=HTML, follow_redirects=False)
    assert answer.status_code == status, (path, answer.status_code, answer.text[-900:])
    return answer


def at(borrower: str = ANN) -> str:
    return f"/desk/borrowers/{borrower}"


def named(text: str) -> list[str]:
    """The borrowers whose whole id stands in a page, in its links or hidden in its forms."""
    return [name for name in (ANN, BEA) if name in text]


def hold_of(world: ApiWorld, borrower: str) -> str:
    standing = lines.show(world.engine, borrower).holds
    return standing[0].id if standing else holds.place(
        world.engine, borrower, "manual", by="staff:approver", note=HOSTILE,
        reason=world.engine.new_id(world.now),
    )  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("page", DESK, ids=lambda page: page.name)
def test_each_page_opens_to_the_roles_of_its_action_alone(http, world, page: Page, role):
    sit(http, world, role)
    names = {"borrower": ANN}
    path = re.sub(r"{(\w+)}", lambda found: names.get(found[1], "none"), page.path)
    form = {"data": {"_csrf": form_token(world.sessions[role])}} if page.method == "POST" else {}
    answer = http.request(page.method, path, headers=HTML, follow_redirects=False, **form)
    opens = any(one.value == role for one in ACTIONS[page.action].roles)
    assert (answer.status_code != 403) == opens, (page.name, role, answer.status_code)


def test_nobody_there_is_nobody_found(http, world):
    sit(http, world, "support")
    see(http, at("customer-9999"), 404)
    see(http, at("platform"), 404)
    see(http, at() + "/decisions/00000000-0000-7000-8000-000000000000", 404)
    other = world.engine
    mine = matters.open_matter(other, BEA, Ask("complaint")).row.id
    see(http, f"{at(ANN)}/matters/{mine}", 404)  # somebody else's
    see(http, f"{at(BEA)}/matters/{mine}")


def test_a_search_names_nobody_until_somebody_is_opened_and_that_is_kept(http, world):
    sit(http, world, "support")
    found = see(http, "/desk?q=customer-000")
    assert found.count('class="mono">cu•••0') == 2
    assert not named(found)
    way = re.search(r'href="(/desk/open\?[^"]+)"', found)
    assert way is not None
    answer = http.get(way[1].replace("&amp;", "&"), headers=HTML, follow_redirects=False)
    assert answer.headers["location"] == at(ANN)
    see(http, answer.headers["location"])
    with world.store.snapshot() as conn:
        kept = actions.of_actor(conn, "staff:support")[-1]
    assert (kept.kind, kept.subject) == ("explanation.support", ANN)
    for none in (
        "cu",
        "CUSTOMER",
        "customer-000%",
        "customer_0001",
        "plat",
        "platform",
        "' OR 1=1",
    ):
        text = see(http, "/desk?q=" + none.replace("%", "%25"))
        assert "•••" not in text, none
    see(http, "/desk/open?q=customer-000&at=" + "0" * 24, 404)
    see(http, "/desk/open?q=customer-0002&at=" + finding.handle_of(world.engine, ANN), 404)


def test_a_mask_that_slips_is_seen(http, world, monkeypatch):
    sit(http, world, "support")
    monkeypatch.setattr(finding, "mask", lambda borrower: borrower)
    assert named(see(http, "/desk?q=customer-000")) == [ANN, BEA]


def test_no_list_names_anybody(http, world):
    sit(http, world, "approver")
    matters.open_matter(world.engine, ANN, Ask("complaint"))
    hold_of(world, ANN)
    for place in ("/desk", "/desk/queue", "/desk/proposals"):
        assert not named(see(http, place)), place


def test_every_rule_of_a_decision_is_shown_to_whoever_may_audit(http, world):
    sit(http, world, "support")
    there = re.search(rf'href="({at()}/decisions/[^"]+)"', see(http, at()))
    assert there is not None
    assert "Every rule as it was evaluated" not in see(http, there[1])
    sit(http, world, "approver")
    text = see(http, there[1])
    assert "Every rule as it was evaluated" in text and "debt.payment_to_income_high" in text


def test_a_number_of_something_of_theirs_finds_them(http, world):
    sit(http, world, "support")
    engine = world.engine
    decision = see(http, at()).split(f"{at()}/decisions/")[1].split('"')[0]
    for number in (decision, matters.open_matter(engine, ANN, Ask("complaint")).row.id):
        assert "cu•••01" in see(http, f"/desk?q={number}")


def test_what_may_be_said_is_what_the_borrower_reads_and_no_more(http, world):
    """A safety check: the desk says the one row; the reason code stays out of what is read out."""
    engine, name = world.engine, "customer-0003"
    world.settle(name)
    world.tell(name, event("security_incident", "2026-09-10 11:00", kind="account_takeover"))
    draw(engine, name, request_of(engine, 300_000, 12, "consumption"), "k")
    sit(http, world, "support")
    text = see(http, at(name))
    said, _, inside = text.partition('id="inside"')
    assert "needs to be verified" in said and "swindler" in said
    for leak in ("incident", "takeover", "security.", "ACCOUNT_SECURITY"):
        assert leak not in said, leak
    assert "Neither confirm nor deny" in inside


@pytest.mark.parametrize("path", ["", "/timeline"])
def test_hostile_texts_are_escaped(http, world, path):
    sit(http, world, "approver")
    hold_of(world, ANN)
    matters.open_matter(world.engine, ANN, Ask("dispute", record=HOSTILE, text=HOSTILE))
    for place in (at() + path, "/desk/queue", "/desk?q=" + HOSTILE.replace("&", "%26")):
        text = see(http, place)
        assert "<script>alert" not in text and "49" not in re.findall(r"&amp;(\d+)", text)
    rows = matters.of_borrower(world.engine, ANN)
    text = see(
        http, f"{at()}/matters/{next(one.row.id for one in rows if one.row.way == 'dispute')}"
    )
    assert "<script>alert" not in text and "{{7*7}}" in text


def test_an_early_review_is_asked_once_and_released_by_another(http, world):
    hold = hold_of(world, BEA)
    sit(http, world, "support")
    for _ in range(2):  # pressed twice
        press(http, f"{at(BEA)}/holds/{hold}/early", "early-key-1", why="The sender was named.")
    press(http, f"{at(BEA)}/holds/{hold}/early", "early-key-2", why="Asked again.")
    waiting = proposals.listed(world.engine, waiting=True)
    assert len(waiting) == 1
    ident = waiting[0].row.id
    assert "The sender was named." in see(http, f"/desk/proposals/{ident}")
    press(http, f"/desk/proposals/{ident}/judge", status=403, verdict="approved")
    assert lines.show(world.engine, BEA).holds
    sit(http, world, "approver")
    press(http, f"/desk/proposals/{ident}/judge", verdict="approved")
    assert not lines.show(world.engine, BEA).holds
    assert "approved and carried out" in see(http, f"/desk/proposals/{ident}")


def test_who_proposed_does_not_judge(http, world):
    hold = hold_of(world, BEA)
    sit(http, world, "approver")
    press(http, f"{at(BEA)}/holds/{hold}/early", "early-key-3", why="New papers.")
    ident = proposals.listed(world.engine, waiting=True)[0].row.id
    assert "somebody else judges it" in see(http, f"/desk/proposals/{ident}")
    answer = press(http, f"/desk/proposals/{ident}/judge", status=403, verdict="approved")
    assert "You proposed it, so somebody else judges it." in answer.text
    assert lines.show(world.engine, BEA).holds
    sit(http, world, "second")
    press(http, f"/desk/proposals/{ident}/judge", verdict="refused")


def test_a_dispute_is_taken_and_answered_with_its_clock(http, world):
    sit(http, world, "support")
    form = {"way": "dispute", "record": "loan-7", "text": "Paid in May."}
    first = press(http, f"{at(BEA)}/matters", "open-key-1", **form).headers["location"]
    again = press(http, f"{at(BEA)}/matters", "open-key-1", **form).headers["location"]
    assert first == again and "20 days left" in see(http, first)
    assert "20 days left" in see(http, "/desk/queue?way=dispute")
    press(http, first + "/answer", "answer-key-0", status=409, result="changed", note="Corrected.")
    press(http, first + "/take", "take-key-1")
    for _ in range(2):
        press(http, first + "/answer", "answer-key-1", result="changed", note="Corrected.")
    assert "Corrected." in see(http, first)


def test_what_a_program_decided_is_answered_by_a_reviewer(http, world):
    sit(http, world, "support")
    there = press(http, f"{at()}/matters", "open-key-2", way="review",
                  text="Look again.").headers["location"]  # fmt: skip
    assert "answered by a risk reviewer" in see(http, there)
    press(http, there + "/take", "take-key-2")
    press(http, there + "/answer", "answer-key-2", status=403, result="upheld", note="It stands.")
    world.now += 9 * 3_600_000_000  # what nobody answers goes back to the queue
    try:
        http.cookies.clear()
        sit(http, world, "approver")
        press(http, there + "/take", "take-key-3")
        press(http, there + "/answer", "answer-key-3", result="upheld", note="It stands.")
        assert "stands as it was" in see(http, there)
    finally:
        world.now -= 9 * 3_600_000_000


def whose_tasks(http):
    """The pages that the dated tasks of the queue lead to."""
    tasks = re.findall(r'href="(/desk/tasks/[^"]+)"', see(http, "/desk/queue"))
    opened = [http.get(task, headers=HTML, follow_redirects=False) for task in tasks]
    return [answer.headers["location"] for answer in opened]


def test_help_and_the_lock_are_one_press(http, world):
    sit(http, world, "support")
    text = press(http, f"{at(BEA)}/help", status=200, cause="job_loss", wish="advice").text
    assert "no fee" in text and "answer a request for help" in see(http, at(BEA))
    assert "answer a request for help" in see(http, "/desk/queue")
    assert not named(see(http, "/desk/queue"))
    assert at(BEA) in whose_tasks(http)
    see(http, "/desk/tasks/none", 404)
    form = {"result": "advice", "note": "We talked it over."}
    press(http, f"{at(BEA)}/help/answer", "help-key-1", status=403, **form)
    sit(http, world, "approver")
    press(http, f"{at(BEA)}/help/answer", "help-key-0", status=422, result="declined")
    for _ in range(2):
        press(http, f"{at(BEA)}/help/answer", "help-key-1", **form)
    assert at(BEA) not in whose_tasks(http)
    assert see(http, at(BEA) + "/timeline?kind=letter").count("no points") >= 1
    sit(http, world, "support")
    press(http, f"{at(BEA)}/lock", "lock-key-1")
    assert any(one.kind == "own_lock" for one in lines.show(world.engine, BEA).holds)


def test_a_session_that_is_over_does_nothing_and_knows_the_way_back(http, world):
    sit(http, world, "support")
    before = len(matters.of_borrower(world.engine, ANN))
    held = world.sessions["support"]
    world.employ("support", "support")  # signs out everywhere
    http.cookies.set(SESSION, held, domain="testserver.local")
    form = {"_csrf": form_token(held), "_key": "over-key-1", "way": "complaint"}
    answer = http.post(f"{at()}/matters", data=form, headers=HTML)
    assert answer.status_code == 401 and "/staff/sign-in?next=" in answer.text
    assert len(matters.of_borrower(world.engine, ANN)) == before


def test_a_form_without_its_key_does_nothing(http, world):
    sit(http, world, "support")
    press(http, f"{at()}/lock", status=422)
    assert not any(one.kind == "own_lock" for one in lines.show(world.engine, ANN).holds)


def test_a_hold_is_placed_once_and_lasts_longer_only_on_new_evidence(http, world):
    who = "customer-0031"
    world.settle(who)
    sit(http, world, "support")
    wish = {"kind": "manual", "reason": "papers-" + HOSTILE, "note": HOSTILE, "days": "5"}
    for _ in range(2):
        press(http, f"{at(who)}/holds", "hold-key-0001", **wish)
    (hold,) = lines.show(world.engine, who).holds
    assert (hold.kind, hold.mode, hold.owner) == ("manual", "block", "staff:support")
    page = see(http, f"{at(who)}?done=placed")
    assert "<script>alert" not in page and "repayments go on" in page and "Extend it" not in page
    press(http, f"{at(who)}/holds/{hold.id}/longer", "hold-key-0002", status=403, days="2",
          evidence="x")  # fmt: skip
    for number, (wrong, status) in enumerate((
        ({**wish, "kind": "no-such"}, 404), ({**wish, "days": "3000", "reason": "other"}, 422),
        ({**wish, "mode": "cap", "reason": "other"}, 422), ({**wish, "cap": "much"}, 422),
        ({**wish, "reason": ""}, 422),
    )):  # fmt: skip
        press(http, f"{at(who)}/holds", f"hold-key-1{number:03}", status=status, **wrong)
    press(http, f"{at(who)}/holds", "hold-key-0003",
          **{**wish, "mode": "cap", "cap": "1,000", "reason": "capped"})  # fmt: skip
    assert [one.cap for one in lines.show(world.engine, who).holds if one.cap] == [100_000]
    sit(http, world, "approver")
    more = {"days": "2", "evidence": "The payer was asked."}
    for _ in range(2):
        press(http, f"{at(who)}/holds/{hold.id}/longer", "hold-key-0004", **more)
    found = next(one for one in lines.show(world.engine, who).holds if one.id == hold.id)
    assert found.extensions == 1 and found.review_at > hold.review_at
    press(http, f"{at(who)}/holds/{hold.id}/longer", "hold-key-0005", status=422, **more)
    assert "until when" in see(http, f"{at(who)}?done=extended")


@pytest.mark.parametrize(("path", "status", "said"), [
    ("/desk/borrowers/nobody", 404, {"zh": "没有这个编号的客户", "en": "No customer has this number"}),
    (f"/desk/borrowers/{ANN}/decisions/x", 404, {"zh": "没有这个决定", "en": "no such decision"}),
    ("/desk/matters/x", 404, {"zh": "没有这个事项", "en": "no such matter"}),
    ("/desk/proposals/x", 404, {"zh": "没有这个提案", "en": "no such proposal"}),
    ("/risk", 403, {"zh": "没有向您开放", "en": "not open to you"}),
])  # fmt: skip
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_desk_page_that_is_not_there_keeps_the_way_on(http, world, path, status, said, lang):
    """In the reader's language, with the rooms of their roles and what to do next; no words of the
    engine, and none that speak to a borrower."""
    sit(http, world, "support")
    answer = http.get(path, headers={**HTML, "Accept-Language": lang})
    assert answer.status_code == status and said[lang] in answer.text, answer.text[-900:]
    rooms = set(re.findall(r'href="(/(?:desk|risk)[^"]*)"', answer.text))
    assert {"/desk", "/desk/queue"} <= rooms and "/risk/policy" not in rooms, rooms
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    text = re.sub(r"<code>.*?</code>|<[^>]+>", " ", main.partition(">")[2])
    assert "your lender" not in text and "贷款机构" not in text
    if lang == "zh":
        assert not re.search(r"[a-z]{3,} [a-z]{2,}", text.partition("本次请求编号")[0]), text
