"""What goes wrong in the last weeks: one function a trouble, each for its own archetype."""

from __future__ import annotations

import numpy as np

from xindeng.kernel.time import HOUR, MINUTE
from xindeng.lab.blocks import Block, Choice, Hashed, Hashes, Ints, mix
from xindeng.lab.everyday import card, device, friend
from xindeng.lab.population import People, moment

_STRANGER, _SHOP = 0xF0, 0xF1


def _ago(
    folk: People, dice: np.random.Generator, who: Ints, days: tuple[int, int],
    hours: tuple[float, float] = (8.0, 23.0),
) -> Ints:  # fmt: skip
    """Return instants `days` (at least, below) before the end of the window."""
    low, high = days
    day = folk.window.days - dice.integers(low, high, len(who))
    return moment(dice, folk, np.maximum(day, 0), hours=hours)


def _stranger(folk: People, who: Ints, number: Ints | int) -> Hashed:
    return Hashed(mix(folk.seed, _STRANGER, folk.borrower[who], np.broadcast_to(number, who.shape)))


def identity(folk: People) -> list[Block]:
    """Incomplete identity: the face check failed, or the document ran out."""
    dice = folk.dice("identity")
    who = np.flatnonzero(folk.has("identity_incomplete"))
    failed = dice.random(len(who)) < 0.6
    return [Block("identity_step", who, _ago(folk, dice, who, (2, 60)), {
        "step": Choice(np.where(failed, 0, 1), ("face", "document")),
        "result": Choice(np.where(failed, 0, 1), ("failed", "expired")),
    })]  # fmt: skip


def security(folk: People) -> list[Block]:
    """Account theft in the last days; old, cleared incidents of a few others."""
    dice = folk.dice("security")
    victims = np.flatnonzero(folk.has("account_theft"))
    start = _ago(folk, dice, victims, (1, 4), hours=(1, 5))
    thief = device(folk, victims, 66)
    cleared = np.flatnonzero(folk.has("all_green") & (dice.random(len(folk)) < 0.04))
    before = _ago(folk, dice, cleared, (120, 200))
    guessed = np.repeat(victims, 4)
    guesses = np.repeat(start, 4) + np.tile(np.arange(4), len(victims)) * MINUTE
    return [
        Block("login", guessed, guesses, {
            "success": False, "device": device(folk, guessed, 66), "network": "anonymised"}),
        Block("login", victims, start + HOUR // 2,
              {"success": True, "device": thief, "network": "anonymised"}),
        Block("device_change", victims, start + HOUR // 2, {"device": thief, "verified": False}),
        Block("credential_change", victims, start + HOUR,
              {"kind": Choice(dice.integers(0, 2, len(victims)), ("password", "mobile"))}),
        Block("call_forwarding", victims, start + HOUR, {"state": "on"}),
        Block("remote_control", victims, start + HOUR,
              {"kind": "screen_sharing", "state": "started"}),
        Block("payout_card", victims, start + 2 * HOUR,
              {"action": "changed", "card": card(folk, victims, 66), "own_name": False}),
        Block("security_incident", victims, start + 3 * HOUR, {
            "kind": Choice(dice.integers(0, 3, len(victims)),
                           ("account_takeover", "sim_swap", "password_leak")),
            "severity": "high"}),
        Block("security_incident", cleared, before, {"kind": "unusual_login", "severity": "low"}),
        Block("credential_change", cleared, before + HOUR,
              {"kind": "password", "after_incident": True}),
        Block("security_clearance", cleared, before + 2 * HOUR, {"method": "face_and_document"}),
    ]  # fmt: skip


def inflows(folk: People) -> list[Block]:
    """Sudden large money from somebody never seen before, and some of it already gone again."""
    dice = folk.dice("inflows")
    who = np.flatnonzero(folk.has("strange_inflow"))
    amount = (folk.income[who] * dice.uniform(15, 35, len(who))).astype(np.int64)
    at = _ago(folk, dice, who, (1, 4), hours=(9, 20))
    gone = who[::2]
    return [
        Block("payment", who, at, {
            "direction": "in", "amount": amount, "category": "unknown",
            "counterparty": _stranger(folk, who, 0), "channel": "transfer"}),
        Block("payment", gone, at[::2] + 90 * MINUTE, {
            "direction": "out", "amount": amount[::2] * 7 // 10, "category": "transfer",
            "counterparty": _stranger(folk, gone, 1), "channel": "transfer"}),
    ]  # fmt: skip


def over_spending(folk: People) -> list[Block]:
    """Two months of spending beyond income, much of it in instalments; a few of everybody's."""
    dice = folk.dice("over_spending")
    heavy = np.flatnonzero(folk.has("over_spending"))
    bought = np.repeat(heavy, 34)
    cost = folk.income[bought] * dice.uniform(0.06, 0.18, len(bought))
    split = np.repeat(heavy, dice.integers(5, 10, len(heavy)))
    others = np.flatnonzero(~folk.has("over_spending", "idle", "thin_file"))
    once = others[dice.random(len(others)) < 0.4]
    tagged = heavy[dice.random(len(heavy)) < 0.3]

    def instalments(who: Ints, at: Ints, share: tuple[float, float]) -> Block:
        price = (folk.income[who] * dice.uniform(*share, len(who))).astype(np.int64)
        return Block("instalment_purchase", who, at, {
            "amount": np.maximum(price, 10_000),
            "merchant": Hashed(mix(folk.seed, _SHOP, who % 40)),
            "instalments": np.array((3, 6, 12))[dice.integers(0, 3, len(who))],
        })  # fmt: skip

    return [
        Block("purchase", bought, _ago(folk, dice, bought, (1, 60)), {
            "amount": np.maximum(cost.astype(np.int64), 100), "category": "shopping",
            "merchant": Hashed(mix(folk.seed, _SHOP, bought % 40))}),
        instalments(split, _ago(folk, dice, split, (1, 85)), (0.2, 0.5)),
        instalments(once, _ago(folk, dice, once, (100, 350)), (0.1, 0.3)),
        Block("browsing_risk", tagged, _ago(folk, dice, tagged, (1, 40)),
              {"tag": Choice(dice.integers(0, 2, len(tagged)), ("gambling", "cash_out"))}),
    ]  # fmt: skip


def contacts(folk: People) -> list[Block]:
    """Exposure to flagged accounts: many of the flagged archetype's contacts, few of others'."""
    dice = folk.dice("contacts")
    flagged = folk.has("flagged_contacts", "fraud_ring", "mule")
    everyone = np.arange(len(folk))
    tied = np.repeat(np.flatnonzero(flagged), 4)
    bad = np.where(flagged, dice.integers(3, 9, len(folk)), 0)
    return [
        Block("network_snapshot", everyone, _ago(folk, dice, everyone, (1, 7), hours=(1, 5)), {
            "exposure_ppm": np.where(flagged, dice.integers(150_000, 700_000, len(folk)),
                                     dice.integers(0, 4_000, len(folk))),
            "flagged_contacts": bad, "contacts": 10 + bad + dice.integers(0, 60, len(folk))}),
        Block("relation", tied, _ago(folk, dice, tied, (3, 80)), {
            "other": _stranger(folk, tied, np.arange(len(tied)) % 4),
            "kind": Choice(dice.integers(0, 3, len(tied)),
                           ("transfer", "shared_device", "contact"))}),
    ]  # fmt: skip


def rings_and_mules(folk: People) -> list[Block]:
    """Rings share devices and pass money round; mules receive from many strangers and pass it on
    within hours. About half are flagged before the last day."""
    dice = folk.dice("rings_and_mules")
    mules, ring = np.flatnonzero(folk.has("mule")), np.flatnonzero(folk.has("fraud_ring"))
    runs = np.repeat(mules, 20)
    at = _ago(folk, dice, runs, (1, 15), hours=(8, 20))
    amount = dice.integers(80_000, 900_000, len(runs))
    payer, payee = _stranger(folk, runs, np.arange(len(runs))), _stranger(folk, runs, 900)
    rounds = np.repeat(ring, 6)
    members: Hashes = mix(folk.seed, folk.ring[rounds], np.arange(len(rounds)) % 5)
    flagged = np.concatenate([mules[::2], ring[::2]])
    return [
        Block("payment", runs, at, {"direction": "in", "amount": amount, "category": "transfer",
                                    "counterparty": payer, "channel": "app"}),
        Block("payment", runs, at + 45 * MINUTE, {
            "direction": "out", "amount": amount * 97 // 100, "category": "transfer",
            "counterparty": payee, "channel": "app"}),
        Block("payment", rounds, _ago(folk, dice, rounds, (1, 20)), {
            "direction": "out", "amount": dice.integers(50_000, 400_000, len(rounds)),
            "category": "transfer", "counterparty": Hashed(members), "channel": "app"}),
        Block("account_flag", flagged, _ago(folk, dice, flagged, (1, 10)), {
            "flag": Choice(np.where(folk.has("mule")[flagged], 0, 1),
                           ("mule_suspect", "ring_member")),
            "raised": True}),
    ]  # fmt: skip


def line(folk: People) -> list[Block]:
    """Warnings before a limit is zeroed; hardship and the request for help; raised limits."""
    dice, days = folk.dice("line"), folk.window.days
    zeroing, hardship = np.flatnonzero(folk.has("zeroing")), np.flatnonzero(folk.has("hardship"))
    raised = np.flatnonzero(folk.has("all_green") & (dice.random(len(folk)) < 0.2))
    traced = np.flatnonzero(folk.drew & folk.has("all_green"))[::3]
    disputed = np.flatnonzero(folk.has("bad_record"))[::5]
    return [
        Block("limit_warning", zeroing, _ago(folk, dice, zeroing, (3, 12)), {
            "change": "zero", "reason": "payment burden rose",
            "effective_day": folk.window.first + days + dice.integers(5, 30, len(zeroing))}),
        Block("hardship_request", hardship, _ago(folk, dice, hardship, (1, 20)), {
            "cause": Choice(dice.choice(3, len(hardship), p=[0.6, 0.25, 0.15]),
                            ("job_loss", "illness", "business")), "wish": "deferral"}),
        Block("occupation", hardship, _ago(folk, dice, hardship, (21, 34)),
              {"kind": "unemployed"}),
        Block("delinquency", hardship, _ago(folk, dice, hardship, (1, 2), hours=(0, 1)), {
            "dpd": dice.integers(5, 28, len(hardship)), "tier": "special_mention",
            "overdue_amount": folk.limit[hardship] // 40}),
        Block("limit_change", raised, _ago(folk, dice, raised, (40, 300)), {
            "limit": np.minimum(folk.limit[raised] * 6 // 5 // 50_000 * 50_000,
                                folk.economy.limit_bounds[1]),
            "change": "increased", "reason": "good repayment"}),
        Block("use_of_funds", traced, _ago(folk, dice, traced, (5, 200)), {
            "use": Choice(dice.integers(0, 3, len(traced)), ("consumption", "education", "travel")),
            "amount": folk.limit[traced] // 10}),
        Block("dispute", disputed, _ago(folk, dice, disputed, (5, 15)),
              {"record": friend(folk, disputed, 7), "stage": "opened"}),
    ]  # fmt: skip
