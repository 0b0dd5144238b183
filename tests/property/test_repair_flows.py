"""Whatever the payments: each that came in is earned or set aside, once; nothing barred is earned."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.kernel.time import DAY, zone
from xindeng.repair.flows.recognise import Correction, recognise, relabelled

SHANGHAI = zone("Asia/Shanghai")
START = SHANGHAI.parse("2026-01-01")
NOW = START + 240 * DAY
PARTIES = ("org:a", "person:b", "lender:c", "till:d", "e", "f", None)
BARRED = ("refund", "self_transfer", "fund_redemption", "loan_proceeds")
CATEGORIES = (
    "salary",
    "other_income",
    "transfer",
    "unknown",
    "rent",
    "loan_repayment",
    "shopping",
    *BARRED,
)

PAYMENTS = st.lists(
    st.builds(
        lambda day, direction, amount, category, party: (day, Payment(
            direction=direction, amount=amount, category=category, counterparty=party)),
        st.integers(0, 239), st.sampled_from(("in", "out")), st.sampled_from((100, 50_000, 100_000, 300_000)),
        st.sampled_from(CATEGORIES), st.sampled_from(PARTIES),
    ),
    max_size=60,
)  # fmt: skip
CORRECTIONS = st.lists(
    st.builds(Correction, st.sampled_from([p for p in PARTIES if p]),
              st.sampled_from(["salary", "self", "lender", "rent", "refund", "person", "ignore", "other_income"])),
    max_size=3,
)  # fmt: skip


@given(paid=PAYMENTS, corrections=CORRECTIONS)
@settings(max_examples=300, deadline=None)
def test_money_that_came_in_is_accounted_for_once(
    paid: list[tuple[int, Payment]], corrections: list[Correction]
) -> None:
    events = [
        Event(str(n), "b", "payment", 1, START + day * DAY, START + day * DAY, payment)
        for n, (day, payment) in enumerate(paid)
    ]
    flows = recognise(events, NOW, SHANGHAI, corrections=corrections)
    earned = [source for one in flows.income if one.counted for source in one.sources]
    aside = [source for one in flows.set_aside for source in one.sources]
    came = [
        event.id
        for event, (_, payment) in zip(events, paid, strict=True)
        if payment.direction == "in"
    ]
    assert sorted(earned + aside) == sorted(came)
    said = {one.party: one.meaning for one in corrections}
    by_id = {event.id: payment for event, (_, payment) in zip(events, paid, strict=True)}
    for id_ in earned:
        payment = by_id[id_]
        assert payment.category not in BARRED or said.get(payment.counterparty or "") in (
            "salary",
            "other_income",
        )
    assert len({one.party for one in (*flows.corrections, *flows.unused)}) == len(said)
    assert all(
        one.why.zh and one.why.en and one.sources
        for one in (*flows.income, *flows.lenders, *flows.rent)
    )
    # Reading what was recognised once more changes nothing: the labels say all there is to say,
    # but that a collection code earns, for which papers have no word: it is said again.
    earning = [one for one in corrections if one.party.startswith("till:")]
    again = recognise(relabelled(events, flows), NOW, SHANGHAI, corrections=earning)
    assert again.monthly_income == flows.monthly_income
