"""A mail server for a test, and what arrived there."""

import asyncio
import email
import email.policy
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from tests.conftest import missing
from tests.serving.servers import ROOT

OPENSSL = (
    "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
    "-subj", "/CN=localhost",
)  # fmt: skip


class Post:
    """A mail server process that listens on a free port of this machine."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    @property
    def tries(self) -> int:
        """How often somebody named a recipient."""
        path = self.folder / "tries"
        return len(path.read_text()) if path.exists() else 0

    def letters(self) -> list[EmailMessage]:
        """What was taken, in its order."""
        files = sorted(self.folder.glob("*.eml"))
        return [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in files]  # type: ignore[misc]

    async def wait_for(self, count: int, seconds: float = 15) -> list[EmailMessage]:
        """The letters, once there are so many."""
        for _ in range(int(seconds / 0.05)):
            if len(self.letters()) >= count:
                break
            await asyncio.sleep(0.05)
        letters = self.letters()
        assert len(letters) >= count, f"{len(letters)} letters after {seconds} s"
        return letters

    async def wait_for_tries(self, count: int, seconds: float = 15) -> None:
        """Wait until somebody tried so often."""
        for _ in range(int(seconds / 0.05)):
            if self.tries >= count:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"{self.tries} tries after {seconds} s")


@contextmanager
def post_office(folder: Path, *options: str) -> Iterator[Post]:
    """Run a mail server (see smtp_server for its options)."""
    folder.mkdir(parents=True, exist_ok=True)
    command = (sys.executable, "-m", "tests.accounts.smtp_server", str(folder), *options)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield Post(folder, int(process.stdout.readline()))
        finally:
            process.kill()


def certificate(folder: Path) -> Path:
    """Make a certificate for this machine, signed by itself."""
    if shutil.which("openssl") is None:
        missing("openssl")
    folder.mkdir(parents=True, exist_ok=True)
    names = "subjectAltName=DNS:localhost,IP:127.0.0.1"
    subprocess.run(
        (*OPENSSL, "-addext", names, "-keyout", "key.pem", "-out", "cert.pem"),
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=60,
    )
    return folder / "cert.pem"


def link_in(letter: EmailMessage) -> str:
    """The link that a letter holds."""
    found = re.findall(r"https?://\S+token=\S+", letter.get_content())
    assert len(found) == 1, letter.get_content()
    return str(found[0])
