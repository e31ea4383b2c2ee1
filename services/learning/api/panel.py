"""What learning shows of itself on the home page: the newest year's never events by type."""

from services.learning.api.national import national_table
from services.learning.domain.rules.national import ListTable
from services.learning.projections import queries
from shared.nhs.periods import financial_year_of
from shared.runtime.home import Panel
from shared.runtime.service import Reach
from shared.web.charts import Bar


async def panel(reach: Reach) -> Panel:
    """The year in which the last decided incident happened; nothing while there is none. Of a
    year under two lists only the newer is drawn, as counts under both are not comparable."""
    newest = (await reach.read(queries.last_decided_day()))[0][0]
    if newest is None:
        return Panel()
    year = financial_year_of(newest)
    table = (await national_table(reach, year, None, None)).lists[-1]
    return Panel(
        chart_title=f"Never events in {year} by type, as heard so far",
        chart_note=_note(table),
        bars=tuple(Bar(row.title, row.count) for row in table.rows if row.count),
    )


def _note(table: ListTable) -> str:
    review = sum(row.under_review for row in table.rows)
    not_meeting = sum(row.reported_not_meeting for row in table.rows)
    return (
        f"Under the list of {table.list}. Beside the {table.total} that meet it, {review} are "
        f"under review and {not_meeting} were reported and do not meet it."
    )
