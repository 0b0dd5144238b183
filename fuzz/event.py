"""Events as JSON: `python -m fuzz.event CORPUS -max_total_time=600`."""

from __future__ import annotations

from fuzz.target import main
from xindeng.events.read import read_event
from xindeng.kernel.errors import EventError
from xindeng.kernel.time import zone

SHANGHAI = zone("Asia/Shanghai")


def one_input(data: bytes) -> bool:
    """Read one line; whether it is an event. A refusal has a code and a next step."""
    try:
        read_event(data, borrower="b", received_at=1_789_000_000_000_000, zone=SHANGHAI,
                   currency="CNY")  # fmt: skip
    except EventError as error:
        assert error.code and error.next_step
        return False
    return True


if __name__ == "__main__":
    main(one_input)
