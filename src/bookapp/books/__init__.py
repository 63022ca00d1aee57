"""Books and their authors: the catalogue, changed in place, with a history of every change."""
