"""A real mail server, as a process: `python -m tests.accounts.smtp_server FOLDER [OPTION ...]`.

It says its port in one line, and puts each message that it takes into FOLDER. Options: `refuse` (550 for everybody),
`busy=2` (451 for the first two), `slow=1.5` (seconds before it takes a message), `starttls`, `smtps` and
`auth` (user `books`, password `p@ss word`); those with encryption find `cert.pem` and `key.pem` in FOLDER.
"""

import asyncio
import ssl
import sys
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

USER, PASSWORD = b"books", b"p@ss word"


class Box:
    """Takes messages, or does not."""

    def __init__(self, folder: Path, options: dict[str, str]) -> None:
        self._folder = folder
        self._options = options
        self._busy = int(options.get("busy", 0))
        self._count = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        with (self._folder / "tries").open("a") as tries:
            tries.write(".")
        if "refuse" in self._options:
            return "550 Nobody of that name here"
        if self._busy > 0:
            self._busy -= 1
            return "451 Come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, session: Any, envelope: Any) -> str:  # noqa: N802  # the names that aiosmtpd calls
        await asyncio.sleep(float(self._options.get("slow", 0)))
        self._count += 1
        tls = b"yes" if session.ssl is not None or "smtps" in self._options else b"no"
        head = f"X-To: {','.join(envelope.rcpt_tos)}\r\nX-Tls: ".encode() + tls + b"\r\n"
        part = self._folder / "part"
        part.write_bytes(head + envelope.content)
        part.rename(self._folder / f"{self._count:03}.eml")
        return "250 OK"


def _authenticate(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (USER, PASSWORD), handled=False)


async def serve(folder: Path, options: dict[str, str]) -> None:
    """Listen on a free port until killed."""
    context = None
    if options.keys() & {"starttls", "smtps"}:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    more: dict[str, Any] = {}
    if "starttls" in options:
        more |= {"tls_context": context, "require_starttls": True}
    if "auth" in options:
        more |= {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": "starttls" in options}
    box = Box(folder, options)
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="localhost", **more), "127.0.0.1", 0, ssl=context if "smtps" in options else None
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), dict(word.partition("=")[::2] for word in sys.argv[2:])))
