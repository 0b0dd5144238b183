"""Events from outside: what is read, and that each refusal names the field and what it accepts."""

from __future__ import annotations

import json

import pytest

from xindeng.events import visibility
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.describe import accepted, field_at, fields
from xindeng.events.envelope import payload_from, payload_to_builtins, write_event
from xindeng.events.life import Payment
from xindeng.events.read import read_event
from xindeng.events.schema import json_schema
from xindeng.events.visibility import Quarantined, admit
from xindeng.kernel.errors import EventError
from xindeng.kernel.time import SECOND, zone

SHANGHAI = zone("Asia/Shanghai")
NOW = SHANGHAI.parse("2026-07-01T12:00")
PAYMENT = {"direction": "in", "amount": 520_000}
FIVE_MINUTES = 300_000_000
RAW = {
    "borrower": "b1",
    "type": "payment",
    "id": "p1",
    "occurred_at": "2026-07-01T09:00:00+08:00",
    "payload": PAYMENT,
}


def read(raw, **options):
    return read_event(raw, **{"received_at": NOW, "zone": SHANGHAI, **options})


def test_reads_mappings_and_json_alike_and_writes_them_back():
    event = read(RAW)
    assert event.payload == Payment("in", 520_000)
    assert (event.borrower, event.id, event.version) == ("b1", "p1", 1)
    assert event.occurred_at == SHANGHAI.parse("2026-07-01T09:00")
    assert event.known_at == NOW
    assert read(json.dumps(RAW)) == read(json.dumps(RAW).encode()) == event
    assert read(write_event(event)) == event
    assert payload_from("payment", payload_to_builtins(event.payload)) == event.payload


def test_times_are_iso_local_or_microseconds():
    for text in ("2026-07-01T09:00", "2026-07-01 01:00:00+00:00", "2026-07-01T01:00:00Z"):
        assert read({**RAW, "occurred_at": text}).occurred_at == NOW - 3 * 3600 * SECOND
    event = read({**RAW, "occurred_at": NOW - 5, "known_at": NOW - 2})
    assert (event.occurred_at, event.known_at) == (NOW - 5, NOW - 2)


def test_an_event_without_an_id_gets_one_from_its_content():
    bare = {key: value for key, value in RAW.items() if key != "id"}
    assert read(bare).id == read(dict(reversed(bare.items()))).id
    assert read(bare).id == read(bare, received_at=NOW + 1).id
    other = {**bare, "payload": {**PAYMENT, "amount": 520_001}}
    assert read(other).id != read(bare).id


def test_the_borrower_may_be_given_beside_the_event():
    bare = {key: value for key, value in RAW.items() if key != "borrower"}
    assert read(bare, borrower="b9").borrower == "b9"
    with pytest.raises(EventError, match="'b1' is not 'b9'"):
        read(RAW, borrower="b9")


@pytest.mark.parametrize(
    ("change", "where", "says", "advises"),
    [
        ({"type": "paymnt"}, "event.type", "unknown event type 'paymnt'", "payment or repayment"),
        ({"type": "zzzzzzzz"}, "event.type", "unknown event type", "xindeng events schema"),
        ({"type": None}, "event", "no type", "payment"),
        ({"type": 5}, "event.type", "unknown event type '5'", "schema"),
        ({"borrower": None}, "payment.borrower", "missing", "1 to 128"),
        ({"borrower": "a\nb"}, "payment.borrower", "'a\\nb' is not accepted", "printable"),
        ({"id": ""}, "payment.id", "'' is not accepted", "1 to 128"),
        ({"id": 7}, "payment.id", "7 is not accepted", "text"),
        ({"version": 2}, "payment.version", "2 is not known", "give 1"),
        ({"version": True}, "payment.version", "True is not known", "give 1"),
        ({"occurred_at": None}, "payment.occurred_at", "missing", "2026-07-01T09:30"),
        ({"occurred_at": "yesterday"}, "payment.occurred_at", "not a date or time", "2026-07-01"),
        ({"occurred_at": 1.5}, "payment.occurred_at", "1.5 is not a time", "integer"),
        ({"occurred_at": True}, "payment.occurred_at", "True is not a time", "integer"),
        ({"occurred_at": 10**40}, "payment.occurred_at", "outside 1900–2199", "not seconds"),
        ({"known_at": "soon"}, "payment.known_at", "not a date or time", "2026-07-01"),
        ({"colour": "red"}, "payment.colour", "unknown field", "occurred_at"),
        ({"payload": []}, "payment.payload", "a list is not accepted", "direction, amount"),
        ({"payload": {}}, "payment.payload.direction", "missing", "one of in, out"),
    ],
)
def test_a_faulty_envelope_is_refused(change, where, says, advises):
    with pytest.raises(EventError) as caught:
        read({**RAW, **change})
    error = caught.value
    assert error.where == where
    assert says in error.what
    assert advises in error.next_step


@pytest.mark.parametrize(
    ("field", "value", "says", "advises"),
    [
        ("amount", -5, "-5 is not accepted", "from 1 to 100,000,000,000"),
        ("amount", 0, "0 is not accepted", "from 1"),
        ("amount", 10**11 + 1, "100000000001 is not accepted", "100,000,000,000"),
        ("amount", 10**40, "more than 30 digits", "an integer"),
        ("amount", True, "True is not accepted", "an integer"),
        ("amount", 12.0, "12.0 is not accepted", "an integer"),
        ("amount", float("nan"), "nan is not accepted", "an integer"),
        ("amount", float("inf"), "inf is not accepted", "an integer"),
        ("amount", "12", "'12' is not accepted", "an integer"),
        ("amount", None, "None is not accepted", "an integer"),
        ("direction", "inward", "'inward' is not accepted", "one of in, out"),
        ("category", "food", "'food' is not accepted", "groceries"),
        ("counterparty", "", "'' is not accepted", "text of 1 to 128 characters or null"),
        ("counterparty", "x" * 500, "x…", "128"),
        ("balance_after", 10**30, "is not accepted", "from -100,000,000,000"),
        ("currency", "USD", "'USD' in a CNY policy", "send amounts in CNY"),
        ("colour", "red", "unknown field", "use one of direction, amount"),
        ("type", "purchase", "unknown field 'type'", "direction, amount"),
        (5, "x", "unknown field 5", "direction, amount"),
    ],
)
def test_a_faulty_field_is_refused(field, value, says, advises):
    with pytest.raises(EventError) as caught:
        read({**RAW, "payload": {**PAYMENT, field: value}}, currency="CNY")
    assert says in caught.value.what
    assert caught.value.where.startswith("payment.payload")
    assert advises in caught.value.next_step
    assert len(str(caught.value)) < 500


def test_a_fault_deep_in_a_report_is_located():
    report = {"report_day": 20_000, "inquiries": [{"day": 1, "lender": "a", "reason": "own"},
                                                  {"day": 1, "lender": "a", "reason": "zzz"}]}  # fmt: skip
    with pytest.raises(EventError) as caught:
        read({**RAW, "type": "credit_report", "payload": report})
    assert caught.value.where == "credit_report.payload.inquiries[1].reason"
    assert "loan_approval" in caught.value.next_step


@pytest.mark.parametrize(
    "text",
    [b"{bad", b"", b"\xff\xfe", b"null", b"[]", b'"x"', b'{"a": NaN}', b'{"a": -Infinity}',
     b'{"a": 1e400}', "[" * 100_000, b"x" * 1_000_001],
)  # fmt: skip
def test_malformed_input_is_one_clear_error(text):
    with pytest.raises(EventError) as caught:
        read(text)
    assert caught.value.next_step
    assert caught.value.status == 422


def test_amounts_without_a_currency_are_the_policys():
    assert read(RAW, currency="CZK").payload.currency == "CZK"
    assert read(RAW).payload.currency == "CNY"


def test_the_future_is_quarantined_and_a_fast_clock_clamped():
    late = read({**RAW, "occurred_at": NOW + FIVE_MINUTES + 1})
    set_aside = admit(late, NOW)
    assert isinstance(set_aside, Quarantined)
    assert set_aside.event is late and "300 s" in set_aside.reason
    ahead = admit(read({**RAW, "occurred_at": NOW + FIVE_MINUTES}), NOW)
    assert (ahead.occurred_at, ahead.known_at) == (NOW, NOW)
    backdated = admit(read({**RAW, "known_at": "2020-01-01"}), NOW)
    assert backdated.known_at == backdated.occurred_at  # nothing is known before it happened
    assert admit(read(RAW), NOW) == read(RAW)


def test_what_is_set_aside_is_told_the_tolerance_in_force(monkeypatch):
    monkeypatch.setattr(visibility, "FUTURE_TOLERANCE", 60 * SECOND)
    set_aside = admit(read({**RAW, "occurred_at": NOW + 61 * SECOND}), NOW)
    assert set_aside.reason == "occurred_at is 61 s after its receipt; 60 s are allowed"


@pytest.mark.parametrize(
    "text",
    [
        b'{"borrower": "b1", "borrower": "b2", "type": "login"}',
        b'{"borrower": "b", "type": "payment", "payload": {"amount": 1, "amount": 2}}',
        b'{"borrower": "b", "type": "payment", "payload": {"amount": 1, "\\u0061mount": 2}}',
    ],
)
def test_a_key_that_stands_twice_is_refused(text):
    with pytest.raises(EventError, match="stands twice") as caught:
        read(text)
    assert caught.value.code == "event.duplicate_key"


@pytest.mark.parametrize("odd", ["a\x00b", "a\x1fb", "a\x7fb", "a\x85b", "a\ud800b"])
def test_names_hold_no_control_characters(odd):
    for change in ({"borrower": odd}, {"id": odd}, {"payload": {**PAYMENT, "counterparty": odd}}):
        with pytest.raises(EventError):
            read({**RAW, **change})
    report = {"report_day": 20_000, "inquiries": [{"day": 1, "lender": odd, "reason": "own"}]}
    with pytest.raises(EventError) as caught:
        read({**RAW, "type": "credit_report", "payload": report})
    assert caught.value.where == "credit_report.payload.inquiries[0].lender"
    dispute = {"record": "r", "stage": "opened", "note": "first\nsecond\tline"}
    assert read({**RAW, "type": "dispute", "payload": dispute}).payload.note == dispute["note"]
    with pytest.raises(EventError):
        read({**RAW, "type": "dispute", "payload": {**dispute, "note": odd}})


TODAY = SHANGHAI.day(NOW)
INQUIRY = {"lender": "l", "reason": "own"}
ACCOUNT = {"account": "a", "kind": "D1", "lender": "l"}


@pytest.mark.parametrize(
    ("kind", "field", "good", "bad"),
    [
        ("credit_report", "report_day", {"report_day": TODAY + 1}, {"report_day": TODAY + 2}),
        (
            "credit_report",
            "inquiries[0].day",
            {"report_day": TODAY, "inquiries": [{**INQUIRY, "day": TODAY + 1}]},
            {"report_day": TODAY, "inquiries": [{**INQUIRY, "day": TODAY + 2}]},
        ),
        *(
            (
                "credit_report",
                f"{part}[0].{field}",
                {"report_day": TODAY, part: [{**line, field: TODAY + 1}]},
                {"report_day": TODAY, part: [{**line, field: TODAY + 2}]},
            )
            for part, field, line in (
                ("accounts", "opened_day", ACCOUNT),
                ("accounts", "closed_day", ACCOUNT),
                ("accounts", "bad_since_day", ACCOUNT),
                ("guarantee_list", "opened_day", {"lender": "l", "amount": 1}),
                ("public_record_list", "day", {"kind": "other"}),
                ("annotations", "day", {"kind": "note"}),
            )
        ),
        ("account_opened", "birth_day", {"birth_day": 9_000}, {"birth_day": TODAY + 2}),
        ("account_opened", "birth_day", {"birth_day": TODAY - 43_000}, {"birth_day": -25_000}),
        (
            "instalment_due",
            "due_day",
            {"loan": "l", "amount": 1, "due_day": TODAY},
            {"loan": "l", "amount": 1, "due_day": TODAY + 2},
        ),
        (
            "repayment",
            "principal",
            {"loan": "l", "amount": 5, "principal": 5},
            {"loan": "l", "amount": 5, "principal": 6},
        ),
        (
            "repayment_reversed",
            "principal",
            {"loan": "l", "amount": 5, "principal": 0},
            {"loan": "l", "amount": 5, "principal": 6},
        ),
        (
            "limit_change",
            "limit",
            {"change": "granted", "limit": 10**9},
            {"change": "granted", "limit": 10**9 + 1},
        ),
    ],
)
def test_facts_that_cannot_be_are_refused(kind, field, good, bad):
    assert read({**RAW, "type": kind, "payload": good}).type == kind
    with pytest.raises(EventError) as caught:
        read({**RAW, "type": kind, "payload": bad})
    assert caught.value.where == f"{kind}.payload.{field}"
    assert caught.value.next_step


def test_what_the_engine_writes_is_not_taken_from_outside():
    forged = {
        "draw_attempt": {"amount": 1, "term_months": 1, "sitting": "s"},
        "decision": {"decision_id": "d", "outcome": "approve", "amount": 1, "sitting": "s", "counted": False},
        "cost_sheet_shown": {"decision_id": "d", "sheet": "0f"},
        "draw_reserved": {"draw": "d", "amount": 1},
        "draw_released": {"draw": "d", "amount": 1, "cause": "void"},
        "matter_opened": {"matter": "m", "way": "review", "answer_by": 20_000},
        "contact_made": {"whom": "borrower", "channel": "call", "reached": True, "owner": "o"},
        "matter_late": {"matter": "m", "answer_by": 20_000},
        "matter_answered": {"matter": "m", "way": "review", "result": "changed", "owner": "o"},
    }  # fmt: skip
    for kind, payload in forged.items():
        raw = {**RAW, "type": kind, "payload": payload}
        with pytest.raises(EventError, match="written by the engine alone") as caught:
            read(raw)
        assert caught.value.code == "event.own_type"
        assert read(raw, own=True).type == kind


def test_every_type_is_described_and_has_a_schema():
    schema = json_schema()
    assert [one["title"] for one in schema["oneOf"]] == list(CATALOGUE)
    for name, entry in CATALOGUE.items():
        definition = schema["$defs"][entry.payload.__name__]
        assert "type" not in definition["properties"]
        assert definition["additionalProperties"] is False
        assert set(definition["properties"]) == set(fields(name))
        for field in fields(name).values():
            assert accepted(field.type) and "Type" not in accepted(field.type)
            assert field_at(name, field.name) is field.type
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("value", [1_780_000_000, 1_780_000_000_000, 10**8, 1, 10**13 - 1])
def test_seconds_and_milliseconds_are_not_taken_for_microseconds(value: int) -> None:
    raw = {"borrower": "b", "type": "login", "occurred_at": value, "payload": {"success": True}}
    with pytest.raises(EventError, match="seconds or ms"):
        read_event(raw, received_at=1_780_000_000_000_000, zone=zone("Asia/Shanghai"))
