"""The read models of intake, empty: projected from the log from its beginning."""

from alembic import op

from services.intake.projections.tables import METADATA

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())
