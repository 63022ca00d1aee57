"""Asking Open Library for a book by its ISBN, or for a cover. Nobody else is asked: the hosts are fixed.

What comes back was written by strangers and comes over the open net, so nothing about it is taken on trust: not the
size, not the pace, not where it sends us, not the address that a name stands for.
"""

import asyncio
import ipaddress
import json
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx

from bookapp import __version__
from bookapp.config import Settings
from bookapp.openlibrary.drafts import Draft, draft_of

HOME, COVERS = "https://openlibrary.org", "https://covers.openlibrary.org"
CONNECT_SECONDS = 3.0
REDIRECTS = 3
PAUSE = 1.0
"""Seconds between two questions: what Open Library asks of those who ask it."""
_BY_ISBN = 4
"""So many pauses follow a question for a cover by its ISBN: of these it answers a hundred in five minutes."""
IN_LINE = 8
"""Questions that may wait for their turn, so that nobody waits longer than a browser does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is asked for, and what of it is taken."""

    hosts: re.Pattern[str]
    """Whom an answer may come from."""
    accept: str
    kinds: frozenset[str] | None
    """The content types of an answer; None for any."""
    largest: int
    """Bytes of an answer."""
    seconds: float
    """For the whole of an answer, with everything that it sends us on to."""


_PICTURES = ("image/jpeg", "image/png", "image/webp", "image/gif")
BOOK = Errand(
    hosts=re.compile(r"(www\.)?openlibrary\.org"),
    accept="application/json",
    kinds=None,
    largest=2**20,
    seconds=10.0,
)
COVER = Errand(
    # The pictures lie with the Internet Archive, whose Open Library is: archive.org sends on to one of its machines.
    hosts=re.compile(r"covers\.openlibrary\.org|(www\.)?archive\.org|[a-z]{1,4}[0-9]{1,9}\.[a-z]{2}\.archive\.org"),
    accept=", ".join(_PICTURES),
    kinds=frozenset(_PICTURES),
    largest=5 * 2**20,
    seconds=30.0,
)

Resolve = Callable[[str], Awaitable[Sequence[str]]]


class NoAnswer(Exception):
    """Open Library did not answer, or nothing that can be read. Its text is a sentence for people."""


SILENT = "Open Library did not answer. The book can be added by hand."
STRANGE = "Open Library answered something that could not be read. The book can be added by hand."
CROWDED = "Too many books are being looked up just now. Try again in a moment, or add the book by hand."


async def addresses_of(host: str) -> list[str]:
    """The addresses of a host, those of IPv4 first: where there is no IPv6, trying it takes its time."""
    found = await asyncio.get_running_loop().getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    return list(
        dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in sorted(found, key=lambda row: row[0] != socket.AF_INET))
    )


def is_public(address: str) -> bool:
    """Whether an address is one of the open net: no machine of ours, in no spelling.

    Source: the special-purpose registries of RFC 6890; RFC 6052 for addresses of IPv4 inside those of IPv6.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.sixtofour is not None or ip.teredo is not None:
            return False
        inner = ip.ipv4_mapped or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
        if ip not in _GLOBAL:
            return False
    return ip.is_global and not ip.is_multicast


_GLOBAL = ipaddress.ip_network("2000::/3")
"""All that IANA has given out for the open net; what lies elsewhere is for some place's own use."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class OpenLibrary:
    """Asks for one process: in turn, and never two questions within a second."""

    def __init__(
        self,
        about: str,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = addresses_of,
        seconds: float | None = None,
        pause: float = PAUSE,
    ) -> None:
        """`about` says who asks (User-Agent). The others are for tests: another way out, other names and times."""
        self._about, self._transport, self._resolve = about, transport, resolve
        self._seconds, self._pause = seconds, pause
        self._trust: ssl.SSLContext | None = None
        self._turn = asyncio.Lock()
        self._next = 0.0
        self._waiting = 0

    async def ask(self, isbn: str) -> Draft | None:
        """The book with this ISBN (thirteen digits), or None when there is none. Raises NoAnswer."""
        await self._wait_for_a_turn()
        body = await self._bring(BOOK, f"{HOME}/api/books?bibkeys=ISBN:{isbn}&format=json&jscmd=data")
        try:
            return None if body is None else draft_of(isbn, json.loads(body))
        except (ValueError, RecursionError) as error:
            raise NoAnswer(STRANGE) from error

    async def ask_cover(self, cover_id: int) -> bytes | None:
        """The picture with this number, or None when there is none. Raises NoAnswer.

        It is said to be a picture, and is nothing more than that: bytes of strangers.
        """
        await self._wait_for_a_turn()
        return await self._bring(COVER, f"{COVERS}/b/id/{cover_id}-L.jpg?default=false")

    async def ask_cover_of(self, isbn: str) -> bytes | None:
        """The same for the edition with this ISBN (thirteen digits). Raises NoAnswer."""
        await self._wait_for_a_turn(_BY_ISBN)
        return await self._bring(COVER, f"{COVERS}/b/isbn/{isbn}-L.jpg?default=false")

    async def _wait_for_a_turn(self, pauses: int = 1) -> None:
        if self._waiting >= IN_LINE:
            raise NoAnswer(CROWDED)
        self._waiting += 1
        try:
            async with self._turn:
                loop = asyncio.get_running_loop()
                await asyncio.sleep(max(0.0, self._next - loop.time()))
                self._next = loop.time() + pauses * self._pause
        finally:
            self._waiting -= 1

    async def _bring(self, errand: Errand, address: str) -> bytes | None:
        try:
            async with asyncio.timeout(self._seconds or errand.seconds):
                return await self._fetch(errand, address)
        except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as error:
            raise NoAnswer(SILENT) from error

    async def _fetch(self, errand: Errand, address: str) -> bytes | None:
        if self._trust is None and self._transport is None:
            self._trust = await asyncio.to_thread(httpx.create_ssl_context)  # reads a file of all authorities
        patience = httpx.Timeout(errand.seconds, connect=CONNECT_SECONDS)
        # Not by a proxy of the environment: that one would look the names up itself.
        async with httpx.AsyncClient(
            transport=self._transport, verify=self._trust or True, trust_env=False, timeout=patience
        ) as client:
            url = httpx.URL(address)
            for _ in range(REDIRECTS + 1):
                found = await self._step(client, errand, url)
                if not isinstance(found, httpx.URL):
                    return found
                url = found
        raise NoAnswer(STRANGE)

    async def _step(self, client: httpx.AsyncClient, errand: Errand, url: httpx.URL) -> bytes | httpx.URL | None:
        """The answer of one address, or where it sends us; None when there is no such thing."""
        response = await self._send(client, errand, url)
        try:
            if response.is_redirect:
                return url.join(response.headers.get("location", ""))
            if response.status_code == 404:
                return None
            if response.status_code != 200:
                raise NoAnswer(SILENT)
            return await _read(response, errand)
        finally:
            await response.aclose()

    async def _send(self, client: httpx.AsyncClient, errand: Errand, url: httpx.URL) -> httpx.Response:
        """Ask one of our hosts at an address that was looked at: a name can stand for another one the next moment."""
        is_ours = errand.hosts.fullmatch(url.host) and url.scheme == "https"
        if not is_ours or url.port not in (None, 443) or url.userinfo:
            raise NoAnswer(STRANGE)
        found = list(await self._resolve(url.host))
        if not found or not all(map(is_public, found)):
            raise NoAnswer(SILENT)
        headers = {"Host": url.host, "Accept": errand.accept, "Accept-Encoding": "identity"}
        headers["User-Agent"] = self._about
        failed: httpx.TransportError | None = None
        for address in found[:2]:
            # The certificate has to be that of the host, although its address stands in the URL.
            request = client.build_request(
                "GET", url.copy_with(host=address), headers=headers, extensions={"sni_hostname": url.host}
            )
            try:
                return await client.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failed = error
        raise NoAnswer(SILENT) from failed


async def _read(response: httpx.Response, errand: Errand) -> bytes:
    # A packed answer could be a thousand times as large as what is counted here; none was asked for.
    if response.headers.get("content-encoding", "identity") != "identity":
        raise NoAnswer(STRANGE)
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    if errand.kinds is not None and kind not in errand.kinds:
        raise NoAnswer(STRANGE)
    body = bytearray()
    async for piece in response.aiter_bytes(64 * 1024):
        body += piece
        if len(body) > errand.largest:
            raise NoAnswer(STRANGE)
    return bytes(body)


def library_of(settings: Settings) -> OpenLibrary | None:
    """Whom a process asks for what is not here, or nobody."""
    if settings.openlibrary == "off":
        return None
    # Who asks often is expected to say who they are.
    return OpenLibrary(f"bookapp/{__version__}" + (f" (+{settings.base_url})" if settings.base_url else ""))
