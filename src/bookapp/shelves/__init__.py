"""A person and a book: shelf, rating, review, every reading, quotes and notes, and who may see them."""
