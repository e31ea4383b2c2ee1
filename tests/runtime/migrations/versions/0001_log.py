"""The log and the reference data: the made-up service has no read models."""

from alembic import op

from shared.log import schema
from shared.runtime.reference import REFERENCE

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.create(op.get_bind())
    REFERENCE.create_all(op.get_bind())
