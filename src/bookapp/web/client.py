"""Who is at the other end: the peer, or whom a trusted proxy names."""

import ipaddress
from collections.abc import Callable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """Believes forwarding headers only from configured peers: anybody else could write what they like."""

    def __init__(self, networks: tuple[str, ...]) -> None:
        self._networks: tuple[Network, ...] = tuple(ipaddress.ip_network(n, strict=False) for n in networks)

    def see(self, peer: str, scheme: str, header: Callable[[str], str | None]) -> tuple[str, bool]:
        """The client's address, and whether the client speaks https."""
        if not self._networks or not self._trusts(peer):
            return peer, scheme == "https"
        secure = (header("x-forwarded-proto") or scheme).split(",")[-1].strip().lower() == "https"
        # From the right: the last address that is not itself a trusted proxy. What stands left of it is hearsay.
        for address in reversed((header("x-forwarded-for") or "").split(",")):
            address = address.strip()
            if not is_address(address):
                break
            peer = address
            if not self._trusts(address):
                break
        return peer, secure

    def _trusts(self, address: str) -> bool:
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        return any(ip in network for network in self._networks)


def is_address(text: str) -> bool:
    """Whether `text` is a bare IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
