"""One reader for each public data set: licence, citation, checksum and the honest split. No data files."""
