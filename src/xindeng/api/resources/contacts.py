"""Contacts about what is owed, held against the hours, the count of the day, and the pauses."""

from __future__ import annotations

from xindeng.api.resources.sessions import Done
from xindeng.api.route import Call
from xindeng.api.shapes import Sent
from xindeng.service import contact
from xindeng.service.contact import Channel, Contact, Whom


class ContactSent(Sent):
    """Whom somebody of ours contacted just now, how, and whether they were reached."""

    whom: Whom
    channel: Channel
    reached: bool


def record(call: Call) -> Done:
    """Take in a contact; one that may not be made now is refused, with when it may."""
    sent: ContactSent = call.body
    made = Contact(sent.whom, sent.channel, sent.reached)
    contact.record(call.engine, call.borrower, made, by=call.by)
    return Done()
