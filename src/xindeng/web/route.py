"""A page as data, and a visit as its handler sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlencode

from msgspec import Struct

from xindeng.access.caller import Caller
from xindeng.access.permit import permit
from xindeng.api.route import Service
from xindeng.events.catalogue import PLATFORM
from xindeng.kernel.errors import XindengError
from xindeng.service.engine import Engine
from xindeng.store import borrowers
from xindeng.web.look import Look
from xindeng.web.settings import Site
from xindeng.web.slips import Again

MAX_FORM: Final = 200_000
"""Bytes of a form without files."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a form; its name is a stranger's text."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Visit:
    """One request for a page, read and permitted.

    `form` is as the page declares it, None on GET; `files` by field; `key` stands for this very
    form, however often it is sent; `bearer` is the credential that the session holds, "" without;
    `under` the engine of a borrower for whom another policy decides; `again` a form that could not
    be taken, where its page is shown for that.
    """

    service: Service
    site: Site
    look: Look
    path: str
    caller: Caller | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    form: Any = None
    files: Mapping[str, tuple[Upload, ...]] = field(default_factory=dict)
    key: str = ""
    bearer: str = ""
    csrf: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)
    under: Engine | None = None
    again: Again | None = None

    @property
    def engine(self) -> Engine:
        """Return the engine, under the policy that decides for the borrower whose page it is."""
        return self.under or self.service.engine

    @property
    def borrower(self) -> str:
        """Return whose pages these are: the one in the path, else the one who signed in."""
        named = self.names.get("borrower")
        name = named if named is not None else self.caller.borrower if self.caller else None
        if name in (None, PLATFORM):
            raise borrowers.unknown(str(name))
        assert name is not None
        return name

    @property
    def lang(self) -> Literal["zh", "en"]:
        """Return the language of the page, as the engine's own texts name it."""
        return self.look.lang

    @property
    def here(self) -> str:
        """Return the address of this page, to come back to."""
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")

    def sent_to(self, path: str, **same: str) -> Again | None:
        """Return the form sent to `path`, with the same hidden fields, that could not be taken."""
        return None if self.again is None else self.again.at(path, **same)

    def say(self, text: str, /, **slots: object) -> str:
        """Return a text of ours in the visitor's language, its slots filled."""
        return self.look.say(text, **slots)

    def may(self, action: str) -> bool:
        """Say whether the visitor may do something, so that a page offers no door that is shut."""
        try:
            permit(self.caller, action, self.names.get("borrower"))
        except Exception:
            return False
        return True

    def new_key(self) -> str:
        """Return a key for a form that is about to be shown."""
        return "p-" + self.engine.new_id(self.engine.clock())


@dataclass(frozen=True, slots=True)
class Shown:
    """What a template is given; `template` where it is not the page's usual one."""

    what: Mapping[str, Any] = field(default_factory=dict)
    template: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie to be set; an empty value takes it away. `ends` is in seconds from now."""

    name: str
    value: str
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """See another page of ours next."""

    to: str
    cookies: tuple[Cookie, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file for the visitor to keep, or what a script of ours asked for."""

    body: bytes
    media: str
    name: str = ""


Handler = Callable[[Visit], Shown | Go | File]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One line of the table of pages.

    `room` is whose page it is: everybody's, a borrower's own (no path names a borrower, so no
    path leads to another's), or staff's. `once` is as for routes: the answer of a POST, where to go
    next, is kept under the key in the form, so that a second press does nothing new. `again` is the
    path of the page that shows this form, which is shown once more where something in the form is
    wrong; `refused` may answer an error in a way of its own; `back` is where to go on after a new
    sign-in, if not here.
    `quiet` is for what is sent while somebody types: it changes nothing and is about nobody, so it
    is no deed to be kept. `open_form` is for the one form that comes from elsewhere, with a
    credential in it. `largest` is in bytes. `slow` is for what
    may take a minute, such as reading somebody's papers.
    """

    path: str
    action: str
    handler: Handler
    template: str = ""
    method: Literal["GET", "POST"] = "GET"
    room: Literal["site", "borrower", "desk"] = "site"
    form: type[Struct] | None = None
    once: Literal["joined", "outside"] | None = None
    again: str = ""
    back: str = ""
    refused: Callable[[Visit, XindengError], Go | Shown | None] | None = None
    largest: int = MAX_FORM
    open_form: bool = False
    quiet: bool = False
    slow: bool = False

    @property
    def name(self) -> str:
        """Return the page as logs and metrics name it."""
        return f"{self.method} {self.path}"
