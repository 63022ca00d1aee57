"""Who is close to whom: the people a person trusts, those they block, and what follows for what may be seen."""
