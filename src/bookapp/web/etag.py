"""Comparing entity tags."""


def is_known(if_none_match: str | None, etag: bytes) -> bool:
    """Whether the client already holds the answer with this ETag (RFC 9110, 13.1.2: a weak comparison)."""
    if if_none_match is None:
        return False
    tags = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return any(tag in ("*", etag.decode("latin-1")) for tag in tags)
