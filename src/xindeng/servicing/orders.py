"""What servicing asks to be done: events to tell, notices to send, tasks for people."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from xindeng.events.fields import Payload


class Notice(Struct, frozen=True, kw_only=True):
    """Words for the borrower, by language; `old_contact` sends them to the former contact too."""

    kind: str
    texts: Mapping[str, str]
    old_contact: bool = False


class Task(Struct, frozen=True, kw_only=True):
    """Something a person must do by the end of a local day; `subject` is a hold, loan or line."""

    kind: str
    subject: str
    due_day: int
    note: str = ""


class Orders(Struct, frozen=True, kw_only=True):
    """Orders belong together: they are carried out in one transaction or not at all."""

    payloads: tuple[Payload, ...] = ()
    notices: tuple[Notice, ...] = ()
    tasks: tuple[Task, ...] = ()

    def __add__(self, other: Orders) -> Orders:
        """Return both, in order."""
        return Orders(
            payloads=self.payloads + other.payloads,
            notices=self.notices + other.notices,
            tasks=self.tasks + other.tasks,
        )

    def __bool__(self) -> bool:
        """Say whether there is anything to do."""
        return bool(self.payloads or self.notices or self.tasks)


NOTHING = Orders()
