import sqlalchemy as sa
from alembic import op


def upgrade():
    op.create_table(
        "bill",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("meter", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.UniqueConstraint("meter", name="uq_bill_meter"),
    )
