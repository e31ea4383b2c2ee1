"""Once the read models under their plain names; 0004 makes them, or takes them over."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
