"""The words, codes and units of orders, results and diagnoses, as numbers and codes."""
