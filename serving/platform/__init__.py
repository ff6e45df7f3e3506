"""What the neighbours share: configuration, command line, database, audit, errors, the processes."""
