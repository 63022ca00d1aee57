"""A reader's year in numbers and plots, and the numbers of the whole place."""
