"""How a service's read models stand against what this version's code knows."""

from dataclasses import dataclass

from shared.log.base import Log
from shared.projections.base import Projection
from shared.projections.generations import Generation, generations
from shared.runtime.engine import Engine
from shared.runtime.service import Service
from shared.web.health import Check, Checked


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadModel:
    """One projection: its generations that still have tables, and those that this version's
    shape ever had."""

    projection: Projection
    current: Generation | None
    building: Generation | None
    retired: tuple[Generation, ...]
    own: tuple[Generation, ...]

    @property
    def built(self) -> bool:
        """What is shown has this version's shape."""
        return self.current is not None and self.current.shape == self.projection.shape

    @property
    def superseded(self) -> bool:
        """It had, and a newer version has shown its own since."""
        return not self.built and any(one.state in ("retired", "dropped") for one in self.own)


async def read_models(service: Service, log: Log) -> list[ReadModel]:
    """Every projection of the service, in its order. Raises Unavailable."""
    held = await generations(log.store) if service.projections else []
    return [
        _read_model(one, [two for two in held if two.name == one.name])
        for one in service.projections
    ]


def _read_model(projection: Projection, held: list[Generation]) -> ReadModel:
    by_state = {one.state: one for one in held}
    return ReadModel(
        projection=projection,
        current=by_state.get("current"),
        building=by_state.get("building"),
        retired=tuple(one for one in held if one.state == "retired"),
        own=tuple(one for one in held if one.shape == projection.shape),
    )


def read_models_check(engine: Engine) -> Check:
    """Not ready before this version's read models are shown, so that a roll-out leaves the older
    version running till then; that one stays ready when they are."""

    async def look() -> Checked:
        found = await read_models(engine.service, engine.log)
        missing = [one.projection.name for one in found if not (one.built or one.superseded)]
        detail = f"Not built in this version's form: {', '.join(missing)}." if missing else ""
        shown = {
            one.projection.name: one.current.generation for one in found if one.current is not None
        }
        return Checked(ok=not missing, detail=detail, figures={"generations": shown})

    return Check(name="read-models", look=look, needed=True)
