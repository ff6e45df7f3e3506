"""openEHR GDL2 guidelines, read, run and held against their own test cases; see README.md."""
