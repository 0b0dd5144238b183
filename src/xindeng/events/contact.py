"""Whom we spoke to about what is owed, and whether we reached them."""

from __future__ import annotations

from typing import Literal

from xindeng.events.fields import Name, Payload


class ContactMade(Payload, tag="contact_made", frozen=True):
    """Somebody of ours contacted the borrower, or another person, about what is owed.

    It is effective if somebody was reached; the hours and the count of the day were held.
    """

    whom: Literal["borrower", "other"]
    channel: Literal["call", "message", "visit"]
    reached: bool
    owner: Name
