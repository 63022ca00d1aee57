"""From person to person: recommend a book to somebody, hear what became of it, and ask for recommendations."""
