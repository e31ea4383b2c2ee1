"""Read models in generations, under views of their plain names; what they hold is kept."""

from alembic import op

from services.learning.projections.views import PROJECTIONS
from shared.projections.swapping import found

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    found(op.get_bind(), PROJECTIONS)
