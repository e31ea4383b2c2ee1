"""The tables of learning's read models, for PostgreSQL and SQLite alike."""

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
    Text,
)

from shared.kernel.words import CODE_LIMIT
from shared.log.tables import Instant

METADATA = MetaData()

_ID = String(CODE_LIMIT)
_CODE = String(CODE_LIMIT)
_ORGANISATION = String(12)

SUGGESTIONS = Table(
    "suggestions",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("position", BigInteger, nullable=False, index=True),
    Column("state", _CODE, nullable=False, index=True),
    Column("case", _ID, nullable=False),
    Column("incident", _ID, nullable=False),
    Column("provider", _ORGANISATION, nullable=False),
    Column("themes", JSON, nullable=False),
    Column("never_event_type", _CODE),
    Column("depth", Integer, nullable=False),
    Column("closed_on", Date, nullable=False),
    Column("waits_since", Instant, nullable=False),
    Column("lesson", _ID),
    Column("reason", _CODE),
)
"""Closed cases with learning; `position` is where each began to wait."""

LESSONS = Table(
    "lessons",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("position", BigInteger, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("state", _CODE, nullable=False, index=True),
    Column("organisation", _ORGANISATION, nullable=False),
    Column("incidents", JSON, nullable=False),
    Column("started_on", Date, nullable=False),
    Column("waits_since", Instant),
    Column("number", _CODE, index=True),
    Column("number_year", Integer),
    Column("number_n", Integer),
    Column("lesson_version", Integer),
    Column("title", Text),
    Column("text", JSON),
    Column("search", Text),
    Column("published_on", Date),
    Column("withdrawn_on", Date),
    Column("withdrawal_reason", _CODE),
    Index("lessons_number_year", "number_year", "number_n"),
)
"""Lessons as they stand. `version` is the stream's; a draft's text is not here, as it is sealed.
`text` is the published text, `waits_since` when it reached the stage it waits in, `incidents`
its sources, each once: told as a count."""

LESSON_VERSIONS = Table(
    "lesson_versions",
    METADATA,
    Column("lesson", _ID, primary_key=True),
    Column("lesson_version", Integer, primary_key=True),
    Column("number", _CODE, nullable=False),
    Column("text", JSON, nullable=False),
    Column("sources", Integer, nullable=False),
    Column("published_on", Date, nullable=False),
    Column("withdrawn_on", Date),
    Column("withdrawal_reason", _CODE),
)
"""Every version that went out, for ever."""

LESSON_TERMS = Table(
    "lesson_terms",
    METADATA,
    Column("term", String(CODE_LIMIT + 16), primary_key=True),
    Column("lesson", _ID, primary_key=True),
)
"""What a published lesson is about: `theme:<code>` and `type:<never-event type>`."""

ADOPTIONS = Table(
    "adoptions",
    METADATA,
    Column("lesson", _ID, primary_key=True),
    Column("lesson_version", Integer, primary_key=True),
    Column("organisation", _ORGANISATION, primary_key=True),
    Column("seen_on", Date),
    Column("applies", Boolean),
    Column("reason", _CODE),
    Column("answered_on", Date),
    Column("planned_on", Date),
    Column("planned_by", Date),
    Column("declared_on", Date),
    Column("evidenced_on", Date),
    Column("verified_on", Date),
    Column("sustained_on", Date),
)
"""One row an organisation and version, with each state's London day of its own."""

INCIDENTS = Table(
    "national_incidents",
    METADATA,
    Column("incident", _ID, primary_key=True),
    Column("until_position", BigInteger, primary_key=True, autoincrement=False),
    Column("from_position", BigInteger, nullable=False),
    Column("recorded_from", Instant, nullable=False),
    Column("recorded_to", Instant),
    Column("day", Date, nullable=False, index=True),
    Column("withdrawn", Boolean, nullable=False),
    Column("kind", _CODE, nullable=False),
    Column("occurred_at", _ORGANISATION, nullable=False),
    Column("opted_out", Boolean, nullable=False),
    Column("known_on", Date, nullable=False),
)
"""Each incident as its source told it, over time. `until_position` 0 marks the row that stands;
a row was what this log knew from `recorded_from` up to, not including, `recorded_to`."""

DECISIONS = Table(
    "national_decisions",
    METADATA,
    Column("incident", _ID, primary_key=True),
    Column("authority", _CODE, primary_key=True),
    Column("until_position", BigInteger, primary_key=True, autoincrement=False),
    Column("from_position", BigInteger, nullable=False),
    Column("recorded_from", Instant, nullable=False),
    Column("recorded_to", Instant),
    Column("list", _CODE, nullable=False),
    Column("type", _CODE),
    Column("subtype", _CODE),
    Column("outcome", _CODE, nullable=False),
    Column("known_on", Date, nullable=False),
)
"""What each authority said about each incident, over time, in the same form."""

RELATIONS = Table(
    "relations",
    METADATA,
    Column("provider", _ORGANISATION, primary_key=True),
    Column("commissioner", _ORGANISATION, primary_key=True),
    Column("role", _CODE, primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
)
"""Who commissions whom; `until` is the last day, None while it runs."""

SUCCESSIONS = Table(
    "successions",
    METADATA,
    Column("former", _ORGANISATION, primary_key=True),
    Column("successor", _ORGANISATION, primary_key=True),
    Column("since", Date, nullable=False),
)
"""Which organisation took over everything of another, from which day."""
