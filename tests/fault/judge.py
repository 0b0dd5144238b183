"""Whether what was acknowledged is so: asked again, read in the store, and held against the rail."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.fault.load import AMOUNT, Book, Wish
from tests.fault.served import Served
from xindeng.adapters.anchor import FileAnchor
from xindeng.service import audit, disburse, ledger
from xindeng.service.engine import Engine
from xindeng.service.policies import read_bundle
from xindeng.service.ports import ports_of, sandbox_of
from xindeng.service.product import unseen_lasts


def repeated(service: Served, book: Book) -> list[str]:
    """Every acknowledged request again, under its key: the answer must be the one that was given."""

    def again(item: tuple[Wish, tuple[int, bytes]]) -> str | None:
        wish, given = item
        headers = {"Idempotency-Key": wish.key, "Content-Type": "application/json"}
        for _ in range(100):
            found = client.post(wish.path, content=wish.body, headers=headers)
            if found.status_code not in (409, 503) or "retry-after" not in found.headers:
                break
        if (found.status_code, found.content) == given:
            return None
        return f"lost: {wish.path} {wish.key} was {given}, is {(found.status_code, found.content)}"

    with service.client() as client, ThreadPoolExecutor(4) as pool:
        return [one for one in pool.map(again, book.acks.items()) if one is not None]


def stored(engine: Engine, book: Book) -> list[str]:
    """Every acknowledged decision and payment must stand in the store, read without the service."""
    with engine.store.snapshot() as conn:
        decided = {str(row[0]) for row in conn.execute("SELECT id FROM decision")}
        booked = {
            (row[0], row[1]) for row in conn.execute("SELECT borrower, key FROM loan_transaction")
        }
    wrong = [
        f"decision {told['id']} is not stored" for _, told in book.of("/draws")
        if told["id"] not in decided
    ]  # fmt: skip
    for wish, _ in book.of("/repayments"):
        if (wish.path.split("/")[3], f"{wish.key}#0") not in booked:
            wrong.append(f"payment {wish.key} of {wish.path} is not booked")
    return wrong


def rail(service: Served, engine: Engine, book: Book) -> list[str]:
    """The rail's own book is the judge: one transfer a confirmed decision, and a loan for each."""
    with sandbox_of(service.home).open() as memory:
        paid = dict(memory.paid)
    with engine.store.snapshot() as conn:
        rows = conn.execute("SELECT draw, borrower, decision, amount, state FROM reservation")
        draws = {str(row[0]): row[1:] for row in rows}
        opened = {str(row[0]) for row in conn.execute("SELECT loan FROM loan")}
        lent = conn.execute(
            "SELECT borrower, count(*), sum((posted->>'principal')::int8) FROM loan GROUP BY 1"
        ).fetchall()
    wrong = []
    for key, transfer in paid.items():
        if key not in draws:
            wrong.append(f"transfer {key}: money left that no draw knows")
        elif draws[key][3] != "settled" or draws[key][2] != transfer.amount:
            wrong.append(f"transfer {key}: the money left, the draw is {draws[key]}")
        elif key not in opened:
            wrong.append(f"transfer {key}: the money left, there is no loan")
    unpaid = [key for key, draw in draws.items() if draw[3] == "settled" and key not in paid]
    wrong += [f"draw {key} is settled, no money left" for key in unpaid]
    for decision, times in Counter(str(draws[key][1]) for key in paid if key in draws).items():
        if times > 1:
            wrong.append(f"decision {decision} was paid out {times} times")
    confirmed = {
        told["draw"] for _, told in book.of("/confirmations") if told["state"] == "settled"
    }
    wrong += [f"draw {key} was told settled and is not paid" for key in confirmed - paid.keys()]
    asked = Counter(wish.path.split("/")[3] for wish, _ in book.of("/draws"))
    for borrower, loans, _ in lent:
        if loans > asked[borrower]:
            wrong.append(f"{borrower} has {loans} loans and asked for {asked[borrower]}")
    if any(transfer.amount != AMOUNT for transfer in paid.values()):
        wrong.append("a transfer of another amount than was asked")
    return wrong


def books(engine: Engine, anchor: FileAnchor) -> list[str]:
    """Balances are the sums of postings, and every chain is as it was sealed."""
    proof, report = ledger.verify(engine), audit.verify(engine, anchor)
    return proof.wrong + [f"{one.where}: {one.what}" for one in report.findings]


def finish(service: Served, engine: Engine) -> list[str]:
    """Ask the rail about draws that a crash left on their way, as the worker does each minute,
    until the time is over after which one that it never heard of is given up."""
    ports = ports_of("sandbox", None, service.home)
    assert ports is not None
    late = Engine(engine.store, read_bundle(service.policy), policy=engine.policy,
                  clock=lambda: engine.clock() + unseen_lasts(engine))  # fmt: skip
    disburse.advance_all(late, ports, older_than=0)
    left = disburse.on_their_way(late)
    return [f"{left} draws are still on their way"] if left else []
