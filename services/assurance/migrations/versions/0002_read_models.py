"""The read models of assurance, empty: projected from the log from its beginning."""

from alembic import op

from services.assurance.projections.tables import METADATA

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())
    # What a caller may see is handed out by log position.
    op.create_index("published_position", "published", ["position"])
