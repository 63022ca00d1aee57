"""People: accounts, sessions, API tokens, invitations, and what was done in their name."""
