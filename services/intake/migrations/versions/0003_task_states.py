"""What each worker last said of its tasks."""

from alembic import op

from shared.log.tables import TASK_STATES

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A new database has the table from its first migration.
    TASK_STATES.create(op.get_bind(), checkfirst=True)
