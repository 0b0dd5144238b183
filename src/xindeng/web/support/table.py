"""The pages of the support desk."""

from __future__ import annotations

from functools import partial
from typing import Final

from xindeng.web.matter_form import MatterForm
from xindeng.web.route import Page
from xindeng.web.support import deeds, four_eyes, person, queue, search, timeline

_LOOK: Final = partial(Page, room="desk")
_POST: Final = partial(Page, room="desk", method="POST")
# What is done to somebody's things: once, however often the button is pressed.
_ONCE: Final = partial(Page, room="desk", method="POST", once="joined")
_B: Final = "/desk/borrowers/{borrower}"

SUPPORT_PAGES: Final[tuple[Page, ...]] = (
    _LOOK(path="/desk", action="borrower.read", handler=search.search,
          template="support/search.html"),
    _LOOK(path="/desk/open", action="borrower.read", handler=search.open_found),
    _LOOK(path=_B, action="explanation.support", handler=person.person,
          template="support/person.html"),
    _LOOK(path=_B + "/timeline", action="explanation.support", handler=timeline.timeline,
          template="support/timeline.html"),
    _LOOK(path=_B + "/decisions/{decision}", action="explanation.support",
          handler=person.one_decision, template="support/decision.html"),

    _ONCE(path=_B + "/matters", action="matter.open", handler=deeds.open_matter,
          form=MatterForm, again=_B),
    _ONCE(path=_B + "/holds/{hold}/early", action="proposal.release_hold",
          handler=deeds.ask_early, form=deeds.EarlyForm, again=_B),
    _ONCE(path=_B + "/holds", action="hold.place", handler=deeds.place_hold,
          form=deeds.HoldForm, again=_B),
    _ONCE(path=_B + "/holds/{hold}/longer", action="hold.extend", handler=deeds.extend_hold,
          form=deeds.LongerForm, again=_B),
    _ONCE(path=_B + "/lock", action="line.lock", handler=deeds.lock, form=deeds.PressForm,
          again=_B),
    _POST(path=_B + "/help", action="hardship.ask", handler=deeds.ask_help,
          form=deeds.HelpForm, template="support/person.html", again=_B),

    _ONCE(path=_B + "/help/answer", action="hardship.answer", handler=deeds.answer_help,
          form=deeds.HelpAnswerForm, again=_B),

    _LOOK(path="/desk/queue", action="matter.queue", handler=queue.queue,
          template="support/queue.html"),
    _LOOK(path="/desk/matters/{matter}", action="matter.queue", handler=queue.find_matter),
    _LOOK(path="/desk/tasks/{task}", action="matter.queue", handler=queue.find_task),
    _LOOK(path=_B + "/matters/{matter}", action="matter.queue", handler=queue.matter,
          template="support/matter.html"),
    _ONCE(path=_B + "/matters/{matter}/take", action="matter.take", handler=queue.take,
          form=queue.TakeForm, again=_B + "/matters/{matter}"),
    _ONCE(path=_B + "/matters/{matter}/answer", action="matter.answer", handler=queue.answer,
          form=queue.AnswerForm, again=_B + "/matters/{matter}"),

    _LOOK(path="/desk/proposals", action="proposal.read", handler=four_eyes.page,
          template="support/proposals.html"),
    _LOOK(path="/desk/proposals/{proposal}", action="proposal.read", handler=four_eyes.one,
          template="support/proposal.html"),
    _POST(path="/desk/proposals/{proposal}/judge", action="proposal.judge",
          handler=four_eyes.judge, form=four_eyes.JudgeForm, again="/desk/proposals/{proposal}"),
)  # fmt: skip
