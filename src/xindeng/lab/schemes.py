"""What befalls accounts and what is planned with them: takeovers, bust-outs, no will to repay.

Only what leaves a trace before any decision is told here; what the plan does with the line follows
from the answers (see world.py).
"""

from __future__ import annotations

import numpy as np

from xindeng.kernel.time import HOUR, MINUTE
from xindeng.lab.blocks import Block, Choice, Hashed, mix
from xindeng.lab.everyday import card, device
from xindeng.lab.hidden import BUST_OUT, TAKEOVER
from xindeng.lab.population import People, moment

_THIEF, _LENDER = 77, 0xC7


def takeovers(folk: People) -> list[Block]:
    """A thief signs in at night and changes what protects the account; after some days the owner
    notices, proves who they are and sets everything right."""
    dice = folk.dice("takeovers")
    who = np.flatnonzero(folk.scheme == TAKEOVER)
    start = moment(dice, folk, folk.scheme_day[who], hours=(1, 4))
    noticed = start + dice.integers(20, 120, len(who)) * HOUR
    thief = device(folk, who, _THIEF)
    verified = noticed + dice.integers(24, 96, len(who)) * HOUR
    return [
        Block("login", who, start, {"success": True, "device": thief, "network": "anonymised"}),
        Block("device_change", who, start + MINUTE, {"device": thief, "verified": False}),
        Block("credential_change", who, start + 5 * MINUTE, {"kind": "password"}),
        Block("payout_card", who, start + 9 * MINUTE,
              {"action": "changed", "card": card(folk, who, _THIEF), "own_name": False}),
        Block("security_incident", who, noticed, {"kind": "account_takeover", "severity": "high"}),
        Block("credential_change", who, verified - HOUR,
              {"kind": "password", "after_incident": True}),
        Block("payout_card", who, verified - HOUR // 2,
              {"action": "changed", "card": card(folk, who, 1), "own_name": True}),
        Block("identity_step", who, verified - HOUR // 4, {"step": "face", "result": "passed"}),
        Block("security_clearance", who, verified, {"method": "face_and_document"}),
    ]  # fmt: skip


def bust_outs(folk: People) -> list[Block]:
    """Before the line is emptied: new contact details, and enquiries by lenders everywhere."""
    dice = folk.dice("bust_outs")
    who = np.flatnonzero(folk.scheme == BUST_OUT)
    changed = moment(dice, folk, np.maximum(folk.scheme_day[who] - 2, 0), hours=(9, 20))
    asked = np.repeat(who, 3)
    days = np.maximum(folk.scheme_day[asked] - dice.integers(0, 6, len(asked)), 0)
    return [
        Block("profile_change", who, changed,
              {"field": Choice(dice.integers(0, 2, len(who)), ("mobile", "address"))}),
        Block("credit_inquiry", asked, moment(dice, folk, days, hours=(9, 20)),
              {"lender": Hashed(mix(folk.seed, _LENDER, np.arange(len(asked)))),
               "reason": "loan_approval"}),
    ]  # fmt: skip
