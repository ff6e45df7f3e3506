"""What a medicine is called, and what it is: names and codes to ingredients."""
