"""The formats of files: each module turns the rows of one into what they tell of a person's books. No database here."""
