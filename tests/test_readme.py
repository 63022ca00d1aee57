"""What the README promises a newcomer, done to the letter."""

import re
import subprocess
from pathlib import Path

from tests.serving.servers import BOOKAPP, ROOT, Server

README = (ROOT / "README.md").read_text()


def test_the_curl_examples_work_in_their_order(tmp_path: Path) -> None:
    block = re.search(r"<!-- curl: begin -->\n```sh\n(.*?)```", README, re.S)
    assert block is not None
    with Server(tmp_path / "data", BOOKAPP) as server:
        script = block.group(1).replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")
        # Each answer in a line of its own, with its status.
        script = script.replace("curl -s ", "curl -s -w ' [%{http_code}]\\n' --max-time 20 ")
        done = subprocess.run(["bash", "-e", "-c", script], capture_output=True, text=True, timeout=120, check=True)
        server.stop()
    statuses = re.findall(r"\[(\d+)\]$", done.stdout, re.M)
    of_books = ["201", "201", "200", "200", "200", "204", "200", "200"]
    of_people = ["201", "201", "200", "200", "200", "201", "201", "200", "200", "200"]
    assert statuses == [*of_books, *of_people], done.stdout
    assert "J.R.R. Tolkien" in done.stdout.splitlines()[2]
    assert "The Left Hand of Darkness" in done.stdout


def test_every_picture_and_page_that_it_names_is_there() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_make_target_that_it_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`?make ([a-z]+)", README)) <= targets
