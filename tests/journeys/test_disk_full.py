"""A disk without room under the logs: 503 with its reason, reads go on, nothing is damaged, and
everything goes on by itself once there is room again."""

import asyncio
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text

from services.demonstration.player import Player
from services.demonstration.story_2018 import connected_to_air
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Unavailable
from shared.log.chain import verify
from shared.log.opening import open_log
from shared.runtime.settings import load_settings
from tests.journeys.doors import Asks, Doors, problem_in
from tests.journeys.test_database_gone import doors_on, reporting, taken
from tests.kit.bus import until
from tests.kit.processes import SERVICES
from tests.kit.servers.postgres import postgres_in
from tests.kit.servers.run import current_run
from tests.kit.small_disk import SmallDisk, small_disk
from tests.kit.together import people, together

pytestmark = pytest.mark.timeout(300)

NO_ROOM = "There is no room left for the database; try again later."
TRIES = 300
NO_ROOM_ON_SERVER = "The database has no room or no connection left; try again."
MEBIBYTES, SERVER_MEBIBYTES = 48, 256


async def post(player: Player, key: str) -> httpx.Response:
    headers = player.person("RTH", "trust").headers() | {"Idempotency-Key": f'"{key}"'}
    report = connected_to_air("2018-12-14")
    return await player.client.post("/intake/events", json=report, headers=headers)


async def refused(player: Player, told: dict[str, str]) -> str:
    """Reports until one is refused for want of room; its key. `told` gets the others' ids."""
    for _ in range(TRIES):
        key = player.key()
        answer = await post(player, key)
        if answer.status_code != 201:
            problem = problem_in(answer, 503, "unavailable")
            assert problem["detail"] == NO_ROOM
            assert int(answer.headers["retry-after"]) > 0
            return key
        told[key] = answer.json()["id"]
    raise AssertionError("the disk was never full")


async def test_sqlite_says_so_reads_on_and_goes_on_by_itself(tmp_path, monkeypatch):
    with small_disk(tmp_path / "disk", MEBIBYTES) as disk, small_disk(tmp_path / "t", 1) as temp:
        temp.fill()
        # The folder for temporary files is full from the beginning: nothing of ours needs it.
        monkeypatch.setenv("TMPDIR", str(temp.path))
        data = disk.path / "data"
        with together(tmp_path, "up", "--data", str(data)) as one:
            async with people(one, data) as player:
                await _fills_and_gets_room(player, disk)
            assert one.interrupt() == 0
            assert "Traceback" not in one.said()
        await _are_whole(data)


async def _fills_and_gets_room(player: Player, disk: SmallDisk) -> None:
    told: dict[str, str] = {}
    first = await post(player, "first")
    assert first.status_code == 201
    told["first"] = first.json()["id"]
    disk.fill()
    key = await refused(player, told)
    await _reads_on(player, told)
    assert await _says_why(player)
    disk.make_room()
    again = [await _taken(player, one) for one in (key, *told)]
    assert [one.json()["id"] for one in again[1:]] == list(told.values())
    told[key] = again[0].json()["id"]
    await until(lambda: _all_shown(player, set(told.values())))
    await until(lambda: _well(player))


async def _reads_on(player: Player, told: dict[str, str]) -> None:
    """Lists, single reports and the probe of readiness: what can be read is."""
    trust = player.person("RTH", "trust")
    for path in ("/intake/events", f"/intake/events/{told['first']}", "/intake/readyz"):
        assert (await trust.get(path)).status == 200, path


async def _says_why(player: Player) -> bool:
    """Degraded, with the reason; ready all the same."""
    status = (await player.client.get("/intake/_status")).json()
    said = status["checks"]["recording"]["detail"]
    return (status["status"], said) == ("degraded", NO_ROOM)


async def _taken(player: Player, key: str) -> httpx.Response:
    for _ in range(TRIES):
        answer = await post(player, key)
        if answer.status_code != 503:
            assert answer.status_code == 201, answer.text
            return answer
        await asyncio.sleep(0.1)
    raise AssertionError("it did not come back by itself")


async def _all_shown(player: Player, ids: set[str]) -> bool:
    trust = player.person("RTH", "trust")
    shown = await trust.get("/intake/events?limit=100")
    assert shown.status == 200
    held = {one["id"] for one in shown.body["items"]}
    return len(ids) > len(held) >= 100 or ids <= held


async def _well(player: Player) -> bool:
    found = [(await player.client.get(f"/{one}/_status")).json() for one in SERVICES]
    return all(one["status"] == "ok" for one in found)


async def test_postgresql_says_so_reads_on_and_goes_on_by_itself(tmp_path):
    """Everything of the server on one disk: tables, write-ahead log and files for large sorts."""
    with (
        small_disk(current_run().new_folder("small-disk"), SERVER_MEBIBYTES) as disk,
        postgres_in(disk.path / "server") as own,
    ):
        async with doors_on(own, tmp_path) as doors:
            first = reporting(doors)
            assert (await doors.send(first)).status_code == 201
            await doors.world.settle()
            disk.fill()
            told = [first, *await _until_refused(doors)]
            refused = told.pop()
            await _reads_on_from(doors)
            disk.make_room()
            assert (await taken(doors, refused)).status_code == 201
            again = [(await doors.send(one)).json()["id"] for one in (*told, refused)]
            assert len(set(again)) == len(told) + 1
            await doors.world.settle()
            listed = await doors.send(Asks(method="GET", path="/intake/events?limit=100"))
            assert {one["id"] for one in listed.json()["items"]} >= set(again[:100])
            status = (await doors.world.client.get("/intake/_status")).json()
            assert status["checks"]["recording"]["ok"]
            for worker in doors.world.stage.workers.values():
                await verify(worker.engine.log)


async def _until_refused(doors: Doors) -> list[Asks]:
    """What was reported until something was refused for want of room; that is the last."""
    asked = []
    for _ in range(TRIES):
        asked.append(reporting(doors))
        answer = await doors.send(asked[-1])
        if answer.status_code != 201:
            assert problem_in(answer, 503, "unavailable")["detail"] == NO_ROOM_ON_SERVER
            return asked
    raise AssertionError("the disk was never full")


async def _reads_on_from(doors: Doors) -> None:
    for path in ("/intake/events", "/intake/readyz", "/assurance/readyz"):
        assert (await doors.send(Asks(method="GET", path=path))).status_code == 200, path
    status = (await doors.world.client.get("/intake/_status")).json()
    said = status["checks"]["recording"]["detail"]
    assert (status["status"], said) == ("degraded", NO_ROOM_ON_SERVER)
    # What has to be sorted on the disk finds no room there, and says the same.
    large = text("SELECT n FROM generate_series(1, 500000) n ORDER BY random()")
    with pytest.raises(Unavailable, match="no room"):
        await doors.world.stage.workers["intake"].engine.log.store.read(large)


async def _are_whole(data: Path) -> None:
    settings = load_settings(environment="development", data_dir=data)
    for service in SERVICES:
        log = open_log(settings.database_for(service), SystemClock(), reads_only=True)
        try:
            await verify(log)
        finally:
            await log.close()
