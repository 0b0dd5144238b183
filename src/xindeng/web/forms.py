"""A form from its bytes to what the page declares: fields, files, the token and the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.exceptions import HTTPException
from msgspec import Struct

from xindeng.api.problems import RequestError
from xindeng.kernel.errors import InputError
from xindeng.web.guard import KEY, PROOF
from xindeng.web.route import Upload

_T = TypeVar("_T", bound=Struct)
_MOST_FIELDS: Final = 200


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it was sent: nothing of it was believed yet. A field sent twice holds a list."""

    fields: Mapping[str, str | list[str]] = field(default_factory=dict)
    files: Mapping[str, tuple[Upload, ...]] = field(default_factory=dict)
    token: str = ""
    key: str = ""


async def read_form(request: Request[Any, Any, Any]) -> Filled:
    """Return the form that a request brings; raises RequestError for what is none.

    The size was limited before: whoever sends more is turned away by the router.
    """
    try:
        sent = await request.form()
    except (ValueError, HTTPException) as error:
        if isinstance(error, HTTPException) and error.status_code == 413:
            raise
        raise RequestError(
            400, "the form cannot be read", where="form", code="request.form",
            next_step="open the page again and send it from there; nothing was done",
        ) from error  # fmt: skip
    fields: dict[str, str | list[str]] = {}
    files: dict[str, list[Upload]] = {}
    for name, value in list(sent.multi_items())[:_MOST_FIELDS]:
        if isinstance(value, UploadFile):
            data = await value.read()
            if value.filename or data:
                files.setdefault(name, []).append(Upload(value.filename or "", data))
            await value.close()
            continue
        text = str(value)
        known = fields.get(name)
        if known is None:
            fields[name] = text
        else:
            fields[name] = [*(known if isinstance(known, list) else [known]), text]
    token, key = fields.pop(PROOF, ""), fields.pop(KEY, "")
    return Filled(
        fields, {name: tuple(some) for name, some in files.items()},
        token if isinstance(token, str) else "", key if isinstance(key, str) else "",
    )  # fmt: skip


def fill(sent: Filled, wanted: type[_T]) -> _T:
    """Return the fields as a page declares them; raises InputError that names the field.

    A field that was left empty counts as not sent.
    """
    given = {name: value for name, value in sent.fields.items() if value != ""}
    try:
        return msgspec.convert(given, wanted, strict=False)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at ")
        path = place.strip("`").removeprefix("$").lstrip(".")
        raise InputError(
            what, where=f"form.{path}" if path else "form", code="request.value",
            next_step="go back, look at what you filled in, and send it again",
        ) from error  # fmt: skip
