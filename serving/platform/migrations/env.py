"""Alembic's environment: it is called with an open connection by `cdss.serving.platform.database.migrate`."""

from alembic import context

from cdss.serving.platform.database import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
