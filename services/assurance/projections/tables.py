"""The read models' tables. No column holds free text: that is read from the case's own story."""

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

METADATA = MetaData()

_ID, _CODE, _ODS = String(64), String(64), String(12)

CASES = Table(
    "cases",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("framework", _CODE, nullable=False),
    Column("state", _CODE, nullable=False),
    Column("provider", _ODS, nullable=False),
    Column("provider_acting", _ODS, nullable=False),
    Column("lead", _ODS),
    Column("acting", _ODS),
    Column("associates", JSON, nullable=False),
    Column("region", _ODS),
    Column("found", _CODE, nullable=False),
    Column("day", Date, nullable=False),
    Column("service_area", _CODE),
    Column("worst_harm", _CODE),
    Column("serious", Boolean, nullable=False),
    Column("category", _CODE),
    Column("level", Integer),
    Column("decisions", JSON, nullable=False),
    Column("never_event", _CODE),
    Column("never_event_type", _CODE),
    Column("never_event_list", _CODE),
    Column("opened_on", Date, nullable=False),
    Column("acknowledged_on", Date),
    Column("person", _ID),
    Column("submission", Integer, nullable=False),
    Column("depths", JSON, nullable=False),
    Column("depth", Integer, nullable=False),
    Column("activities", Integer, nullable=False),
    Column("first_contact_on", Date),
    Column("closed_on", Date),
    Column("has_learning", Boolean, nullable=False),
    Column("themes", JSON, nullable=False),
    Column("actions_open", Integer, nullable=False),
    Index("cases_opened", "opened_on", "id"),
    Index("cases_provider", "provider", "opened_on"),
)
"""One row a case; `lead` and `provider` are those of the incident's day, `acting` and
`provider_acting` hold their parts now, `never_event` is the outcome that stands."""

CLOCKS = Table(
    "clocks",
    METADATA,
    Column("case_id", _ID, primary_key=True),
    Column("rule", _CODE, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("framework", _CODE, nullable=False),
    Column("started_on", Date, nullable=False),
    Column("first_due", Date, nullable=False),
    Column("due", Date, nullable=False),
    Column("calendar", _CODE, nullable=False),
    Column("noted_on", Date, nullable=False),
    Column("met_on", Date),
    Column("breached_on", Date),
    Column("voided_on", Date),
    Column("reminded_on", Date),
    Column("running", Boolean, nullable=False),
    Column("wakes_on", Date),
    Index("clocks_waking", "wakes_on"),
    Index("clocks_due", "running", "due"),
)
"""Every clock of every case; `wakes_on` is the first day on which a tick finds something to do."""

WAITING = Table(
    "waiting",
    METADATA,
    Column("case_id", _ID, primary_key=True),
    Column("item", _CODE, primary_key=True),
    Column("step", _CODE, nullable=False),
    Column("seat", _CODE, nullable=False),
    Column("since", Date, nullable=False),
    Column("due", Date),
    Index("waiting_seat", "seat", "due"),
)
"""What waits for whom: an item of a case, the seat whose organisation holds it, and since when."""

SEATS = Table(
    "seats",
    METADATA,
    Column("case_id", _ID, primary_key=True),
    Column("seat", _CODE, primary_key=True),
    Column("organisation", String(16), primary_key=True),
    Index("seats_organisation", "organisation", "case_id"),
)
"""Which organisation has which part in a case now: who sees it, and whose its items are."""

TOLD = Table(
    "told",
    METADATA,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("case_id", _ID),
)
"""The log positions of events that were told."""

TOLD_TO = Table(
    "told_to",
    METADATA,
    Column("organisation", String(16), primary_key=True),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
)
"""To whom an event is shown: the organisations that had a part in its case when it happened."""

ACTIVITIES = Table(
    "activities",
    METADATA,
    Column("id", _ID, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("commissioner", _ODS, nullable=False),
    Column("on", Date, nullable=False),
    Column("until", Date),
    Column("modes", JSON, nullable=False),
    Column("participants", JSON, nullable=False),
    Column("topic", _CODE),
    Column("depth", Integer, nullable=False),
    Column("depth_rule", _CODE, nullable=False),
    Column("subjects", JSON, nullable=False),
    Column("corrected", Boolean, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Index("activities_commissioner", "commissioner", "on"),
)

ACTIVITY_SUBJECTS = Table(
    "activity_subjects",
    METADATA,
    Column("kind", _CODE, primary_key=True),
    Column("subject", _CODE, primary_key=True),
    Column("activity", _ID, primary_key=True),
)

ACTIVITY_MODES = Table(
    "activity_modes",
    METADATA,
    Column("activity", _ID, primary_key=True),
    Column("case_id", _ID, primary_key=True),
    Column("mode", _CODE, primary_key=True),
    Column("provider", _ODS, nullable=False),
    Column("on", Date, nullable=False),
    Index("activity_modes_provider", "provider", "mode"),
)
"""In which ways each activity that stands looked into each of its cases."""

RELATIONS = Table(
    "relations",
    METADATA,
    Column("provider", _ODS, primary_key=True),
    Column("commissioner", _ODS, primary_key=True),
    Column("role", _CODE, primary_key=True),
    Column("areas", String(400), primary_key=True),
    Column("since", Date, primary_key=True),
    Column("until", Date),
)
"""Who commissions whom; `areas` are the service areas with a space between, empty for all."""

SUCCESSIONS = Table(
    "successions",
    METADATA,
    Column("former", _ODS, primary_key=True),
    Column("successor", _ODS, nullable=False),
    Column("on", Date, nullable=False),
    Index("successions_successor", "successor"),
)
