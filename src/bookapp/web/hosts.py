"""Which Host headers we answer to. Quart has a TRUSTED_HOSTS setting that nobody reads."""

import re
import socket
from urllib.parse import urlsplit

from bookapp.config import Settings
from bookapp.web.client import is_address

_NAME = re.compile(r"(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.\-_]{0,252}))(?::[0-9]{1,5})?", re.ASCII)
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


class HostCheck:
    """With BOOKAPP_BASE_URL only that name and the machine itself; without it, also every bare IP address.

    An address cannot be rebound by a hostile name server, so answering to any IP lets a newcomer open the app from a
    phone, and still refuses every name that is not ours.
    """

    def __init__(self, settings: Settings) -> None:
        base = urlsplit(settings.base_url).hostname
        names = {base} if base else {socket.gethostname().lower()}
        self._names = _LOCAL | names | {name.lower() for name in settings.allowed_hosts}
        self._any_address = not base
        self._known: dict[str, bool] = {}

    def allows(self, host: str) -> bool:
        """Whether a request with this Host header is for us."""
        known = self._known.get(host)
        if known is None:
            known = self._decide(host.lower())
            if len(self._known) < 1000:
                self._known[host] = known
        return known

    def _decide(self, host: str) -> bool:
        if not _NAME.fullmatch(host):
            return False
        name = re.sub(r":[0-9]+$", "", host)
        if name in self._names:
            return True
        return self._any_address and is_address(name.strip("[]"))
