"""What of a series everybody may have: its public items, under the numbers of the whole (E6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.contracts.base import REGISTRY
from shared.web.series import Item, Series

PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicItems:
    """The public items of a series, under the numbers that they have in the whole."""

    series: Series

    async def after(self, n: int, limit: int) -> Sequence[Item]:
        found: list[Item] = []
        while len(found) < limit and (items := await self.series.after(n, PAGE)):
            found += [one for one in items if _is_public(one)]
            n = items[-1].n
        return found[:limit]

    async def before(self, n: int) -> int:
        while n > 0:
            start = max(0, n - PAGE)
            items = await self.series.after(start, n - start)
            if held := [one.n for one in items if _is_public(one)]:
                return held[-1]
            n = start
        return 0

    async def sees(self, item: Item) -> bool:
        return _is_public(item)


def _is_public(item: Item) -> bool:
    spec = REGISTRY.get(item.type)
    return spec is not None and spec.audience == "public"
