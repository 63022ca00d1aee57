"""Computed recommendations that say why: fitted offline into one sparse table, looked up by one query."""
