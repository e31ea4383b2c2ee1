"""What embedded promises, production promises, and the other way round; the page says what differs.

`test_a_report_becomes_learning` asks the processes of production, once its walk is over.
"""

from datetime import UTC, datetime

import pytest

from tests.journeys.black_box import DIFFERENCES, Door, differs, holds_everywhere
from tests.kit.processes import ROOT
from tests.kit.together import duration, people, together

THEN = datetime(2018, 12, 19, 9, tzinfo=UTC)
PAGE = ROOT / "docs" / "running.md"
HEAD = "| what | embedded (`up`) | production (`serve`, `work`) | why |"


@pytest.mark.timeout(300)
async def test_the_embedded_process_holds_what_is_promised(tmp_path):
    data, offset = tmp_path / "data", THEN - datetime.now(UTC)
    shifted = {"OPENDOOR_CLOCK_OFFSET": duration(offset)}
    with together(tmp_path, "up", "--data", str(data), **shifted) as one:
        async with people(one, data, offset) as player:
            door = Door(player=player, url=lambda service: one.url)
            await holds_everywhere(door)
            await differs(door, embedded=True)
        assert one.interrupt() == 0


def test_the_page_says_what_differs():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    begin = lines.index(HEAD) + 2
    end = next(n for n, line in enumerate(lines[begin:], begin) if not line.startswith("|"))
    assert lines[begin:end] == [one.row for one in DIFFERENCES]
