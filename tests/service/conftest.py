"""What the tests of the service share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.api_world import ApiWorld, Client


@pytest.fixture(scope="module")
def client(world: ApiWorld) -> Iterator[Client]:
    """A client of the service that the module's own `world` stands for."""
    with world.client() as found:
        yield found
