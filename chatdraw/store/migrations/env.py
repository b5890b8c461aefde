"""Runs the migrations on the connection that the store hands over, inside its transaction."""

from __future__ import annotations

from alembic import context

from chatdraw.store.tables import metadata

connection = context.config.attributes["connection"]
# SQLite cannot alter most of a table: Alembic then copies it, which Alembic calls batch mode.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
