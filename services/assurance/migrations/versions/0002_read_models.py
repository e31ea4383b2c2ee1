"""Once the read models under their plain names; 0004 makes them, or takes them over."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What a caller may see is handed out by log position.
    op.create_index("published_position", "published", ["position"])
