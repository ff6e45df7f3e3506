"""What is to be told to whom and when: pure, without a database or a clock."""
