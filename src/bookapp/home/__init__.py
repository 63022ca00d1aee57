"""The start page, composed from what the lower rooms know."""
