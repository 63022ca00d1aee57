"""The recommender: what it learns, what it says, and to whom."""
