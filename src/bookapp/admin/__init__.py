"""What administrators see and do: people, invitations, what is there twice, and what was done."""
