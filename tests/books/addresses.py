"""Reading the addresses that the application hands out."""

from urllib.parse import parse_qsl, urlsplit

NUMBERS = ("limit", "decade", "year")


def parameters(address: str) -> dict[str, object]:
    """The query of an address, as a question takes it."""
    pairs = parse_qsl(urlsplit(address).query, strict_parsing=True)
    return {name: int(value) if name in NUMBERS else value for name, value in pairs}
