"""Whoever takes over an account changes the contact or the payout card first: for a while after
that the former contact hears of everything, and of the change itself at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from xindeng.events.envelope import Event
from xindeng.events.life import ProfileChange
from xindeng.events.security import CredentialChange, PayoutCard
from xindeng.servicing.hold_words import LANGUAGES, moment
from xindeng.servicing.orders import NOTHING, Notice, Orders
from xindeng.servicing.view import View

TYPES: Final = ("profile_change", "credential_change", "payout_card")
"""The events by which a contact or a payout card changes."""
_COLUMN: Final = "former_contact_too"
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh": {
        "contact": "您的联系方式已于 {at} 更换。",
        "card": "您的收款卡已于 {at} 绑定或更换。",
        "you": "如果是您本人操作，不需要做什么；如果不是，请立即通过任一渠道锁定借款，"
               "并联系官方客服。还款不受影响。",
    },
    "en": {
        "contact": "Your contact details were changed on {at}.",
        "card": "Your payout card was bound or changed on {at}.",
        "you": "If this was you, you need not do anything. If not, lock draws at once by any "
               "channel and contact official support. Repayments go on as usual.",
    },
}  # fmt: skip


def hears_too(view: View) -> bool:
    """Say whether notices go to the former contact too, as the policy's features tell."""
    return view.value(_COLUMN) is True


def news(view: View, events: Iterable[Event]) -> Orders:
    """Return the notices of contacts and payout cards that these events changed; none for what
    lies so long ago that the policy no longer minds, such as imported history."""
    changed = {_kind(event): event.occurred_at for event in events}
    changed.pop("", None)
    if not changed or not hears_too(view):
        return NOTHING
    notices = []
    for kind, at in changed.items():
        texts = {}
        for language in LANGUAGES:
            words, when = _WORDS[language], moment(at, view.policy.zone, language)
            said = (words[kind].format(at=when), words["you"])
            texts[language] = ("" if language == "zh" else " ").join(said)
        notices.append(Notice(kind=f"{kind}_changed", texts=texts, old_contact=True))
    return Orders(notices=tuple(notices))


def _kind(event: Event) -> str:
    payload = event.payload
    if isinstance(payload, ProfileChange) and payload.field in {"mobile", "email"}:
        return "contact"
    if isinstance(payload, CredentialChange) and payload.kind in {"mobile", "email"}:
        return "contact"
    return "card" if isinstance(payload, PayoutCard) and payload.action != "removed" else ""
