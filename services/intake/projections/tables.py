"""The tables of intake's read models, for PostgreSQL and SQLite alike."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    String,
    Table,
)

from shared.kernel.words import CODE_LIMIT
from shared.log.tables import Instant

METADATA = MetaData()

_ID = String(CODE_LIMIT)
_CODE = String(CODE_LIMIT)
_ORGANISATION = String(12)

INCIDENTS = Table(
    "incidents",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("reported_position", BigInteger, nullable=False, unique=True),
    Column("position", BigInteger, nullable=False, index=True),
    Column("recorded_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("reported_by", _ORGANISATION, nullable=False),
    Column("occurred_at", _ORGANISATION, nullable=False),
    Column("leads", _ORGANISATION, nullable=False),
    Column("service_area", _CODE),
    Column("day", Date, nullable=False, index=True),
    Column("day_precision", _CODE, nullable=False),
    Column("identified_on", Date, nullable=False),
    Column("worst_harm", _CODE),
    Column("framework", _CODE, nullable=False),
    Column("level_of_concern", _CODE),
    Column("agents", JSON, nullable=False),
    Column("unverified", JSON, nullable=False),
    Column("opted_out", Boolean, nullable=False),
    Column("anonymous", Boolean, nullable=False),
    Column("why_anonymous", JSON, nullable=False),
    Column("passages", JSON, nullable=False),
    Column("passages_withheld", Integer, nullable=False),
    Column("decisions", JSON, nullable=False),
    Column("never_event_outcome", _CODE),
    Column("never_event_type", _CODE),
    Column("never_event_list", _CODE),
    Column("never_event_authority", _CODE),
    Column("proposed_since", Instant),
    Column("proposed_type", _CODE),
    Column("serious_level", Integer),
    Column("investigations", Integer, nullable=False),
    Column("answered_on", Date),
    Column("lessons", Integer, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("erased", Boolean, nullable=False),
    Index("incidents_reported_by", "reported_by", "reported_position"),
    Index("incidents_occurred_at", "occurred_at", "reported_position"),
    Index("incidents_leads", "leads", "reported_position"),
)
"""Each event as it stands. `passages` maps the number of a withheld passage to its text's path,
`decisions` an authority to its newest word; `proposed_since` says that a rule waits for a person,
`answered_on` when a commissioner first did anything."""

CHANGES = Table(
    "incident_changes",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("incident", _ID, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("type", _CODE, nullable=False),
    Column("at", String(40), nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("home", Boolean, nullable=False),
    Column("details", JSON, nullable=False),
)
"""What happened to events, in log order; `home`: for the trust alone."""

RELATIONS = Table(
    "commissioning_relations",
    METADATA,
    Column("provider", _ORGANISATION, primary_key=True),
    Column("commissioner", _ORGANISATION, primary_key=True),
    Column("role", _CODE, primary_key=True),
    Column("scope", String(1000), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
)
"""Who commissions whom; `scope` is `,area,area,` in order, empty for all; `until` the last day."""

SUCCESSIONS = Table(
    "successions",
    METADATA,
    Column("former", _ORGANISATION, primary_key=True),
    Column("successor", _ORGANISATION, primary_key=True),
    Column("since", Date, nullable=False),
)
"""Which organisation took over everything of another, from which day."""
