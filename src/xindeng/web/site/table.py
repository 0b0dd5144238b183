"""The pages of the site itself."""

from __future__ import annotations

from functools import partial
from typing import Final

from xindeng.web.route import Page
from xindeng.web.site import doors, oidc

_PAGE: Final = partial(Page, action="page.look")

SITE_PAGES: Final[tuple[Page, ...]] = (
    _PAGE(path="/", handler=doors.first, template="site/first.html"),
    _PAGE(path="/settings", method="POST", handler=doors.settings, form=doors.Settings),
    _PAGE(path="/arrive", method="POST", action="session.open", handler=doors.arrive,
          form=doors.Arrival, open_form=True),
    _PAGE(path="/staff/sign-in", handler=doors.staff_door, template="site/sign_in.html"),
    _PAGE(path="/staff/sign-in", method="POST", action="session.open", handler=doors.staff_in,
          form=doors.StaffIn, template="site/sign_in.html"),
    _PAGE(path="/staff/oidc", action="session.open", handler=oidc.leave_for),
    _PAGE(path="/staff/oidc/back", action="session.open", handler=oidc.come_back),
    _PAGE(path="/sign-out", method="POST", handler=doors.leave, form=doors.Leaving),
    _PAGE(path="/demo/enter", method="POST", action="session.open", handler=doors.demo_enter,
          form=doors.DemoEnter),
)  # fmt: skip
