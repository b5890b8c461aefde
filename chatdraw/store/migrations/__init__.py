"""Alembic migrations: append-only, one file a step, run by :func:`chatdraw.store.migrating.migrate`."""
