"""What a person's payments tell: income, rent, lenders, instalments, by stated rules."""
