"""A process that writes to the audit trail: `python audit_writer.py URL NAME ENTRIES`."""

import sys

from cdss.serving.platform import audit, database

url, name, entries = sys.argv[1:]
engine = database.connect(url)
database.migrate(engine)
for number in range(int(entries)):
    with engine.begin() as connection:
        audit.append(connection, [audit.entry("check", name, "p", "answered", {"n": number})])
engine.dispose()
