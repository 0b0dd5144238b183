"""The catalogue as JSON Schema 2020-12, for those who send events."""

from __future__ import annotations

from typing import Any

import msgspec

from xindeng.events.catalogue import CATALOGUE
from xindeng.kernel.time import MAX_INSTANT, MIN_INSTANT

_TIME: dict[str, Any] = {
    "anyOf": [
        {"type": "string", "format": "date-time"},
        {"type": "integer", "minimum": MIN_INSTANT, "maximum": MAX_INSTANT},
    ],
    "description": "ISO 8601, or µs since 1970-01-01T00:00Z",
}
_NAME: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 128}


def json_schema() -> dict[str, Any]:
    """Return one schema for an event of any type: `oneOf` the catalogue, payloads in `$defs`."""
    types = [entry.payload for entry in CATALOGUE.values()]
    refs, definitions = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    # Defaults such as an empty tuple become plain JSON.
    definitions = msgspec.json.decode(msgspec.json.encode(definitions))
    # Our payloads stand beside their type, so the tag inside them is ours and not asked for.
    for definition in definitions.values():
        definition.get("properties", {}).pop("type", None)
        required = [name for name in definition.get("required", []) if name != "type"]
        definition["required"] = required
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "xindeng event",
        "oneOf": [
            _envelope(entry.name, entry.version, ref)
            for entry, ref in zip(CATALOGUE.values(), refs, strict=True)
        ],
        "$defs": definitions,
    }


def _envelope(name: str, version: int, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "title": name,
        "properties": {
            "id": _NAME,
            "borrower": _NAME,
            "type": {"const": name},
            "version": {"type": "integer", "minimum": 1, "maximum": version},
            "occurred_at": _TIME,
            "known_at": _TIME,
            "payload": payload,
        },
        "required": ["borrower", "type", "occurred_at", "payload"],
        "additionalProperties": False,
    }
