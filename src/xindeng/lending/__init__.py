"""What a loan is agreed to be and costs: terms, due days, instalments, yearly rate, caps."""
