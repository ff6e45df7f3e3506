"""What is wrong with a table as a whole."""


class TableError(ValueError):
    """The table as a whole cannot be read; says what was found, what was expected, what to do."""
