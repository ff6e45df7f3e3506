"""Published risk equations, as their authors printed them. Coefficients are tables beside the code, each with citation.

Each takes a resident (names and units of the resident table, and `egfr`, `statin` where asked for) and returns a number
or raises: ImplausibleValue for a measurement that cannot be, NotApplicable for a person the equation was not made for.
The functions whose name ends in `_table` take columns (arrays of equal length, nan is missing) and give nan there.
"""
