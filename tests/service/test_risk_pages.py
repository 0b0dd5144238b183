"""The risk desk without a browser: drafts checked, tried and proposed, our own side, who did what."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from litestar.testing import TestClient

from tests.api_world import ApiWorld
from tests.service.test_desk_pages import (  # noqa: F401  (fixtures)
    ANN,
    BEA,
    HOSTILE,
    at,
    http,
    press,
    see,
    sit,
    site,
    world,
)
from tests.service_world import event
from xindeng.api.app import create
from xindeng.api.routes import ROUTES
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.service import agents, proposals, rehearse
from xindeng.service.draw import draw
from xindeng.service.policies import read_bundle
from xindeng.service.product import request_of
from xindeng.service.show import platform
from xindeng.service.turn import judge
from xindeng.store import actions, borrowers, decisions, policies, recorded
from xindeng.web.app import Pages
from xindeng.web.bundles import cut, paste, span_of
from xindeng.web.cautions import rewritten
from xindeng.web.demo import demo_files
from xindeng.web.settings import Site

RULE = "debt.payment_to_income_high"
STRICT = ("> $max_payment_to_income", "> 0.01")


@pytest.fixture
def risk(http: Any, world: ApiWorld) -> ApiWorld:  # noqa: F811
    """The world with somebody at the risk desk, and nothing that waits to be judged."""
    for one in proposals.listed(world.engine, waiting=True):
        proposals.judge(world.engine, one.row.id, "refused", by="staff:second")
    sit(http, world, "analyst")
    earns = "customer-0020"
    with world.store.snapshot() as conn:
        known = conn.execute("SELECT FROM borrower WHERE borrower = %s", [earns]).fetchone()
    if known is None:
        world.settle(earns)
        world.tell(earns, event("income_evidence", "2026-09-01", monthly_income=900_000,
                                source="payroll", verified=True))  # fmt: skip
        draw(world.engine, earns, request_of(world.engine, 300_000, 12, "consumption"), "k")
    return world


def form(http: Any, rule: str = RULE) -> dict[str, str]:  # noqa: F811
    page = see(http, f"/risk/policy/edit?rule={rule}")
    found = dict(re.findall(r'name="(base|file|rule)" value="([^"]*)"', page))
    text = re.search(r'<textarea id="text"[^>]*>\n(.*?)</textarea>', page, re.S)
    assert text is not None
    return {**found, "text": html.unescape(text[1])}


def changed(sent: dict[str, str], old: str, new: str) -> dict[str, str]:
    assert old in sent["text"]
    return {**sent, "text": sent["text"].replace(old, new, 1)}


def test_every_rule_can_be_cut_out_and_put_back():
    files = read_bundle("consumer_line")
    policy = load(files)
    for rule in policy.all_rules:
        text = files[rule.place.path].decode()
        span = span_of(policy, rule, text)
        part = cut(text, span)
        assert part.startswith(f"- id: {rule.id}\n"), rule.id
        assert part.count("\n- id:") == 0, rule.id
        assert paste(text, span, part) == text, rule.id


def test_a_slip_is_told_by_its_line_and_nothing_is_kept(http, risk):  # noqa: F811
    sent = changed(form(http), "payment_to_income_after_draw >", "payment_to_incme >")
    versions = risk.counts()["policy_version"]
    for live in ({}, {"live": "true"}):
        text = press(http, "/risk/policy/check", status=200, **sent, **live).text
        assert "unknown name <code>payment_to_incme</code>" in text and "areas/debt.yaml:" in text
        assert "line 2 here" in text
        assert ("<!DOCTYPE" in text) is not bool(live)
    answer = press(http, "/risk/policy/propose", status=422, **sent, why="x")
    assert "payment_to_incme" in answer.text
    assert not proposals.listed(risk.engine, waiting=True)
    assert risk.counts()["policy_version"] == versions


def test_what_is_sent_while_somebody_types_is_no_deed(http, risk):  # noqa: F811
    sent = form(http)

    def deeds() -> int:
        with risk.store.snapshot() as conn:
            return len(actions.of_actor(conn, "staff:analyst"))

    before = deeds()
    press(http, "/risk/policy/check", status=200, **changed(sent, *STRICT), live="true")
    assert deeds() == before
    press(http, "/risk/policy/propose", status=422, **sent, why="Nothing is changed.")
    assert deeds() == before + 1


def test_a_draft_tells_its_failing_cases_and_what_it_would_have_hit(http, risk):  # noqa: F811
    text = press(http, "/risk/policy/check", status=200, **changed(form(http), *STRICT)).text
    assert "1 rule says something else than before" in text
    assert "■" in text and "✓" in text  # some of its cases fail now, some do not
    table = text.partition("What the draft would have hit")[2].partition("</table>")[0]
    assert f"<code>{RULE}</code></th>" in table
    numbers = [int(one) for one in re.findall(r'class="num">(\d+)<', table)]
    before, now, gained, lost, _, overridden, missing = numbers
    assert (before, now, gained, lost, overridden, missing) == (0, 1, 1, 0, 0, 0)


def test_the_hits_are_those_that_deciding_anew_would_make(risk):
    """A draft that hits nothing more, one that hits all, and one whose features are others."""
    engine, files = risk.engine, read_bundle("consumer_line")
    same = rehearse.rehearse(engine, load(files), [RULE]).hits[RULE]
    assert (same.gained, same.lost) == (0, 0)
    path = "areas/debt.yaml"
    strict = load({**files, path: files[path].replace(*(one.encode() for one in STRICT))})
    every = rehearse.rehearse(engine, strict, [RULE])
    assert every.hits[RULE].after == sum(anew(risk, strict)) > 0
    assert every.hits[RULE].new.unknown == every.hits[RULE].gained  # nobody has drawn yet
    assert rehearse.rehearse(engine, strict, [RULE], count=1).seen == 1
    path = "features.yaml"
    more = b"payments_30d_all: {event: payment, op: count, window: 30d}\nbureau_has_record:"
    other = files[path].replace(b"bureau_has_record:", more, 1)
    apart = rehearse.rehearse(engine, load({**files, path: other}), [RULE])
    assert apart.seen == 0 and apart.apart == every.seen


def test_facts_that_were_switched_off_then_are_not_run(risk):
    """The same names of features, but what was recorded of one is a NULL that the draft's rules
    do not reckon with: such a decision is counted apart, and no page breaks over it."""
    now, draft = risk.engine.policy, load(demo_files())
    assert draft.inputs == now.inputs and draft.book.base != now.book.base
    found = rehearse.rehearse(risk.engine, draft, [RULE])
    every = rehearse.rehearse(risk.engine, now, [RULE])
    assert every.seen > 0
    assert (found.seen, found.apart) == (0, every.seen + every.apart)


def anew(risk: ApiWorld, draft: Policy) -> list[bool]:
    """Whether the rule fires where each recorded decision is made anew from its events."""
    fires = []
    engine = risk.engine
    with engine.store.snapshot() as conn:
        for ident, name in recorded.newest(conn, 1_000):
            chain = borrowers.read(conn, engine.store.keys, name)
            stored = decisions.read(conn, ident).unseal(chain.key)
            state = engine.rebuild(conn, chain, draft, below=stored.seq)
            side = engine.platform.at(conn, stored.platform_seq)
            again = judge(draft, state, side, stored.request, stored.decision.now)
            fires.append(bool(again.fired >> draft.rule_index[RULE] & 1))
    return fires


def test_failing_cases_and_a_past_written_anew_are_told_to_both(http, risk):  # noqa: F811
    """To whoever drafts it and to whoever judges it; a draft without either is not warned of."""
    fails, past = "fail: rules do not come out", "This writes the past anew"
    strict = changed(form(http), *STRICT)
    text = press(http, "/risk/policy/check", status=200, **strict).text
    assert fails in text and past not in text
    assert 'form="drafting" name="despite"' in text
    send = {**strict, "why": "Lower it."}
    refused = press(http, "/risk/policy/propose", status=422, **send).text
    assert "Cases of this policy fail" in refused and 'name="despite"' in refused
    assert f"{RULE}</code> #" in refused, "which of them"
    assert not proposals.listed(risk.engine, waiting=True)
    there = press(http, "/risk/policy/propose", **send, despite="true").headers["location"]
    page = see(http, there)
    assert fails in page and past not in page and "Why although cases fail" in page
    text = press(http, "/risk/policy/check", status=200,
                 **changed(form(http), "rank: 20", "rank: 23")).text  # fmt: skip
    assert fails not in text and past not in text


def test_only_a_value_of_a_day_that_is_over_writes_the_past_anew():
    files = read_bundle("consumer_line")
    before = load(files)
    name = "max_payment_to_income"
    spec = before.parameter_spec(name)
    path = "parameters/debt.yaml"
    head, found, tail = files[path].decode().partition(f"\n{name}:")
    told = head + found + tail.replace("value: 0.50", "value: 0.45", 1)
    after = load({**files, path: told.encode()})
    assert list(rewritten(before, after, spec.days[0] + 1)) == [(name, spec.days[0])]
    assert not list(rewritten(before, after, spec.days[0]))
    assert not list(rewritten(before, before, spec.days[0] + 1))


def test_what_became_of_loans_is_told_good_bad_and_unknown():
    found = rehearse.Fates()
    for fate in (None, ("open", 0, False), ("open", 30, False), ("closed", 0, False),
                 ("open", 3, True)):  # fmt: skip
        found.add(fate)
    assert (found.good, found.bad, found.unknown) == (1, 2, 2)


def test_a_policy_needs_four_eyes_and_one_press(http, risk):  # noqa: F811
    sent = changed(form(http), "rank: 20", "rank: 21")
    there = [
        press(http, "/risk/policy/propose", **sent, why=HOSTILE).headers["location"]
        for _ in range(2)
    ]
    assert there[0] == there[1] and len(proposals.listed(risk.engine, waiting=True)) == 1
    page = see(http, there[0])
    assert "rank: 21" in page and "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page and "&amp;lt;" not in page
    press(http, there[0] + "/judge", status=403, verdict="approved")
    sit(http, risk, "approver")
    press(http, there[0] + "/judge", verdict="approved")
    assert len(proposals.published(risk.engine)) == 1
    versions = see(http, "/risk/policy/versions")
    assert "still decides on this server" in versions and "not yet taken up" in versions
    assert "in force here" not in versions
    hashes = re.findall(r"b=([0-9a-f]{64})", versions)
    assert there[0] in versions and len(hashes) == 1
    compared = see(http, f"/risk/policy/diff?a={risk.engine.policy.hash}&b={hashes[0]}")
    assert "rank: 20" in compared and "rank: 21" in compared
    assert f"<code>{RULE}</code>, rank: 20 → 21" in compared
    assert "rank: 21" in see(http, f"/risk/policy/rule?v={hashes[0]}&id={RULE}")
    again = press(http, "/risk/policy/back", version=risk.engine.policy.hash, why="Go back.")
    assert "Go back." in see(http, again.headers["location"])


def test_a_draft_on_a_policy_that_has_moved_on_is_stale(http, risk):  # noqa: F811
    files = read_bundle("consumer_line")
    old = {**files, "areas/debt.yaml": files["areas/debt.yaml"] + b"# older\n"}
    with risk.store.transaction() as conn:
        policies.put(conn, load(old).hash, "consumer_line", old, risk.now)
    sent = {**changed(form(http), "rank: 20", "rank: 22"), "base": load(old).hash}
    answer = press(http, "/risk/policy/propose", status=409, **sent, why="Begun yesterday.")
    assert "has changed since this draft was begun" in answer.text
    assert not proposals.listed(risk.engine, waiting=True)
    page = see(http, f"/risk/policy/edit?v={load(old).hash}&rule={RULE}")
    assert "not in force here" in page and "/risk/policy/propose" not in page
    same = press(http, "/risk/policy/propose", status=422, **form(http), why="Nothing.")
    assert "changes nothing" in same.text


@pytest.mark.parametrize(
    "path",
    ["/risk/policy?file=../../etc/passwd", "/risk/policy?v=" + "0" * 64, "/risk/policy?v=x",
     "/risk/policy/rule?id=no.such", "/risk/policy/edit?file=no.yaml"],
)  # fmt: skip
def test_what_is_not_in_the_bundle_is_not_there(http, risk, path):  # noqa: F811
    see(http, path, 404)


def test_hostile_drafts_are_escaped(http, risk):  # noqa: F811
    sent = form(http)
    for text in (
        HOSTILE,
        sent["text"] + HOSTILE,
        '- id: x\n  when: "' + HOSTILE + '"',
        "- &a [*a, *a]",
    ):
        told = press(http, "/risk/policy/check", status=200, **{**sent, "text": text}).text
        assert "<script>alert" not in told and "problem" in told


def test_the_stance_is_set_once_and_is_looked_at_again(http, risk):  # noqa: F811
    wish = {"segment": "new", "stance": "brake", "until_on": "2026-09-20", "why": "Losses rise."}
    press(http, "/risk/our-side/stance", "stance-key-1", status=403, **wish)  # an analyst
    sit(http, risk, "approver")
    before = risk.counts()["event"]
    for _ in range(2):
        press(http, "/risk/our-side/stance", "stance-key-1", **wish)
    assert risk.counts()["event"] == before + 1
    assert platform(risk.engine).stance["new"][0] == "brake"
    for day, status in (("2026-09-10", 409), ("2027-09-10", 409), ("soon", 422)):
        wrong = {**wish, "until_on": day}
        press(http, "/risk/our-side/stance", "stance-key-2", status=status, **wrong)
    press(http, "/risk/our-side/stance", "stance-key-3", status=422, **{**wish, "stance": "wild"})
    page = see(http, "/risk/our-side")
    assert "Losses rise." in page and "ends on 2026-09-20" in page
    press(http, "/risk/our-side/part", "part-key-1", part="funder", state="away")
    assert not platform(risk.engine).funder_available
    assert "It is back" in see(http, "/risk/our-side")
    press(http, "/risk/our-side/part", "part-key-2", part="funder", state="back")
    looser = {**wish, "stance": "neutral", "why": HOSTILE}
    made = [press(http, "/risk/our-side/stance", f"stance-key-{n}", **looser).headers["location"]
            for n in (4, 5)]  # fmt: skip
    assert made[0] == made[1] and made[0].startswith("/desk/proposals/")
    assert "<script>alert" not in see(http, made[0])
    press(http, made[0] + "/judge", status=403, verdict="approved")  # who proposed it
    assert platform(risk.engine).stance["new"][0] == "brake"
    sit(http, risk, "second")
    press(http, made[0] + "/judge", verdict="approved")
    assert platform(risk.engine).stance["new"][0] == "neutral"


def test_the_indicators_behind_a_stance_are_shown_with_their_bounds(http, risk, tmp_path):  # noqa: F811
    rows = "".join(f"2026-{month:02},{47.0 - month / 10}\n" for month in range(1, 9))
    (tmp_path / "series.csv").write_text("month,pmi_manufacturing\n" + rows, encoding="utf-8")
    sit(http, risk, "analyst")
    assert "No indicators can be shown here" in see(http, "/risk/our-side")
    application = create(risk.service, ROUTES, beside=Pages(Site(series=tmp_path / "series.csv")))
    with TestClient(application, base_url="https://testserver.local") as other:
        sit(other, risk, "analyst")
        page = see(other, "/risk/our-side")
    assert "manufacturing purchasing managers" in page and "2026-08" in page and "46.2" in page
    assert "holds" in page and "missing" in page  # one that is there, others that are not


def test_an_agent_is_noticed_and_what_was_found_of_them_is_kept(http, risk):  # noqa: F811
    sit(http, risk, "approver")
    for number in range(6):
        agents.seen(risk.engine, f"customer-{number}", {"device": "d-one"})
    page = see(http, "/risk/agents")
    assert "one device · 6 people" in page and "customer-0" not in page
    there = re.search(r'action="(/risk/agents/[^"]+)"', page)
    assert there is not None
    press(http, there[1], status=422, finding="")
    press(http, there[1], finding=HOSTILE)
    page = see(http, "/risk/agents")
    assert "alert(1)" in page and "<script>alert" not in page and "/finding" not in page


def test_who_looked_at_whom_is_found(http, risk):  # noqa: F811
    sit(http, risk, "support")
    see(http, at(BEA))
    see(http, "/risk/audit", 403)
    sit(http, risk, "approver")
    text = see(http, f"/risk/audit?actor=staff:support&subject={BEA}")
    assert "explanation.support" in text and ANN not in text.split("</form>")[-1]
    assert "Nothing of the kind" in see(http, "/risk/audit?actor=staff:nobody")
    assert "Nothing of the kind" in see(http, "/risk/audit?kind=explanation.&before=1")
    assert "<script>alert" not in see(http, "/risk/audit?actor=" + HOSTILE.replace("&", "%26"))


def test_the_figures_are_the_stores(http, risk):  # noqa: F811
    name = "customer-0010"
    risk.settle(name)
    page = see(http, "/risk?days=1")
    shown = int(re.search(r"Draws decided</span><strong>(\d+)", page)[1])
    draw(risk.engine, name, request_of(risk.engine, 19_000_000, 12, "consumption"), "figures")
    page = see(http, "/risk?days=1")
    assert int(re.search(r"Draws decided</span><strong>(\d+)", page)[1]) == shown + 1
    table = page.partition('id="lights"')[2].partition("</table>")[0]
    lights = [sum(map(int, re.findall(r'class="num[^"]*"[^>]*>(\d+)<', row)))
              for row in re.findall(r"<tr><th scope=\"row\">(.*?)</tr>", table, re.S)]  # fmt: skip
    assert len(lights) > 10 and set(lights) == {shown + 1}  # each decision once in each area
