"""The app itself, served both ways, and the operator's commands beside it."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.accounts.post import link_in, post_office
from tests.serving.servers import BOOKAPP, HYPERCORN, ROOT, Server, environment, read_all, until
from tests.serving.test_wire import H2C, LONG_HEAD, PREFACE, WEBSOCKET


def bookapp(server: Server, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (sys.executable, "-m", "bookapp", *arguments),
        cwd=ROOT,
        env={**server.environment, **{name: str(value) for name, value in settings.items()}},
        capture_output=True,
        text=True,
        timeout=60,
    )


def add(server: Server, title: str) -> None:
    body = f"title={title}&author=Somebody".encode()
    head = f"POST /books HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nContent-Length: {len(body)}\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
    with server.connect(head.encode() + kind.encode() + body) as connection:
        assert connection.recv(4096).startswith(b"HTTP/1.1 201 ")


def send(server: Server, path: str, form: bytes) -> bytes:
    """POST a form, and read the whole answer."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\nContent-Length: {len(form)}\r\n"
    kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n"
    with server.connect(head.encode() + kind.encode() + form) as connection:
        return read_all(connection)


def titles(server: Server) -> list[str]:
    return [book["title"] for book in json.loads(server.get("/books")[1])["books"]]


def test_bookapp_serve_says_where_it_is_and_keeps_what_it_was_told(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with Server(data, BOOKAPP, BOOKAPP_WORKERS=2) as server:
        add(server, "Emma")
        assert f"is at http://127.0.0.1:{server.port}" in server.said()
        assert server.said().count("is at http") == 1
        assert bookapp(server, "healthcheck").returncode == 0
        assert server.stop() == 0
        assert bookapp(server, "healthcheck").returncode == 1
    assert data.stat().st_mode & 0o077 == 0
    with Server(data, BOOKAPP) as server:
        assert titles(server) == ["Emma"]
        assert server.stop() == 0


def test_a_health_check_knows_the_name_that_the_server_goes_by(tmp_path: Path) -> None:
    with Server(tmp_path / "data", BOOKAPP, BOOKAPP_BASE_URL="https://books.example.org", wait=False) as server:
        until(lambda: bookapp(server, "healthcheck").returncode == 0, 30, server.said)


def test_plain_hypercorn_serves_a_new_database(tmp_path: Path) -> None:
    port = Server(tmp_path / "none").port
    command = (*HYPERCORN, "--bind", f"127.0.0.1:{port}")
    with Server(tmp_path / "data", command, PORT=port) as server:
        add(server, "Persuasion")
        assert titles(server) == ["Persuasion"]
        server.tell(signal.SIGTERM)
        assert server.process.wait(15) == 0


def test_plain_hypercorn_refuses_what_is_no_plain_request(tmp_path: Path) -> None:
    port = Server(tmp_path / "none").port
    with Server(tmp_path / "data", (*HYPERCORN, "--bind", f"127.0.0.1:{port}"), PORT=port) as server:
        for sent, status in ((WEBSOCKET, 400), (PREFACE, 505), (H2C, 200), (LONG_HEAD, 431)):
            with server.connect(sent, timeout=10) as connection:
                assert read_all(connection).startswith(b"HTTP/1.1 %d " % status), sent


def test_hypercorns_own_words_are_lines_of_json_said_once(tmp_path: Path) -> None:
    options = tmp_path / "hypercorn.toml"
    options.write_text((ROOT / "hypercorn.toml").read_text().replace('loglevel = "WARNING"', 'loglevel = "INFO"'))
    port = Server(tmp_path / "none").port
    command = (sys.executable, "-m", "hypercorn", "-c", str(options), "bookapp.app:create_app()")
    with Server(
        tmp_path / "data", (*command, "--bind", f"127.0.0.1:{port}"), PORT=port, BOOKAPP_LOG_LEVEL="info"
    ) as server:
        until(lambda: "Running on" in server.said(), 10)
    (line,) = [line for line in server.said().splitlines() if "Running on" in line]
    assert json.loads(line)["logger"] == "hypercorn.error"


def test_a_backup_beside_the_server_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    with Server(tmp_path / "data", BOOKAPP) as server:
        add(server, "Emma")
        made = bookapp(server, "backup", str(file))
        assert made.returncode == 0, made.stderr
        assert file.stat().st_mode & 0o077 == 0
        add(server, "Persuasion")
        refused = bookapp(server, "restore", str(file))
        assert refused.returncode == 1
        assert "A server uses this database" in refused.stderr
        assert server.stop() == 0
        done = bookapp(server, "restore", str(file))
        assert done.returncode == 0, done.stderr
        assert "before-restore-" in done.stdout
        server.start()
        assert titles(server) == ["Emma"]
        assert server.get("/books?q=emma")[1].count(b"Emma") > 0
        assert server.stop() == 0


def test_a_damaged_backup_is_refused_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "backup.zip"
    server = Server(tmp_path / "data", BOOKAPP)
    assert bookapp(server, "migrate").returncode == 0
    assert bookapp(server, "backup", str(file)).returncode == 0
    file.write_bytes(file.read_bytes()[:-100])
    before = (tmp_path / "data" / "bookapp.db").read_bytes()
    done = bookapp(server, "restore", str(file))
    assert done.returncode == 1
    assert "backup" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "data" / "bookapp.db").read_bytes() == before
    assert [path.name for path in (tmp_path / "data").iterdir() if "restore" in path.name] == []


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "BOOKAPP_BASE_URL is not set"),
        ({"BOOKAPP_HYPERCORN_TOML": "/no/such/file"}, "BOOKAPP_HYPERCORN_TOML"),
    ],
)
def test_check_deploy_names_each_weak_setting(tmp_path: Path, settings: dict[str, str], words: str) -> None:
    server = Server(tmp_path / "data", BOOKAPP, BOOKAPP_BASE_URL="https://books.example.org")
    if not settings:
        del server.environment["BOOKAPP_BASE_URL"]
    done = bookapp(server, "check", "--deploy", **settings)
    assert done.returncode == 1
    assert words in "\n".join(line for line in done.stdout.splitlines() if line.startswith("wrong"))


def test_check_deploy_finds_nothing_wrong_with_a_careful_set_up(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", BOOKAPP, BOOKAPP_BASE_URL="https://books.example.org", SECRET_KEY="k" * 40)
    assert create_admin(server).returncode == 0
    done = bookapp(server, "check", "--deploy")
    assert done.returncode == 0, done.stdout


def create_admin(server: Server) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "bookapp", "create-admin", "--name", "alice", "--email", "alice@example.org")
    return subprocess.run(
        (*command, "--password-stdin"),
        cwd=ROOT,
        env=server.environment,
        input="the moon is made of paper\n",
        capture_output=True,
        text=True,
        timeout=60,
    )


def register(server: Server, **more: str) -> int:
    """Register through a proxy, as from another machine. Returns the status."""
    account = {"username": "bob", "email": "bob@example.org", "password": "the moon is made of paper", **more}
    body = json.dumps(account).encode()
    head = "POST /accounts HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 203.0.113.7\r\nConnection: close\r\n"
    kind = f"Content-Type: application/json\r\nAccept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with server.connect(head.encode() + kind.encode() + body) as connection:
        return int(read_all(connection).split()[1])


def test_the_set_up_code_is_said_once_until_somebody_registered(tmp_path: Path) -> None:
    with Server(tmp_path / "data", BOOKAPP, BOOKAPP_WORKERS=2) as server:
        until(lambda: "set-up code" in server.said(), 10)
        until(lambda: len(server.workers()) == 2, 10)
        server.tell(signal.SIGHUP)
        until(lambda: server.answers(), 20)
        (code,) = re.findall(r"set-up code ([0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4})", server.said())
        assert register(server) == 422
        assert register(server, code=code.lower().replace("-", " ")) == 201
        assert server.stop() == 0
        server.log.write_text("")
        server.start()
        until(lambda: "is at http" in server.said(), 10)
        assert server.get("/books")[0] == 200
        assert "set-up code" not in server.said()


def test_an_administrator_made_beside_the_server_closes_it_to_guests(tmp_path: Path) -> None:
    with Server(tmp_path / "data", BOOKAPP) as server:
        add(server, "Emma")
        assert server.get("/register")[0] == 200
        done = create_admin(server)
        assert done.returncode == 0, done.stderr
        assert send(server, "/books", b"title=Persuasion&author=Jane").startswith(b"HTTP/1.1 401 ")


def test_a_letter_goes_out_before_the_server_ends(tmp_path: Path) -> None:
    with post_office(tmp_path / "post", "slow=1") as post:
        mail = {"BOOKAPP_SMTP_URL": f"smtp://127.0.0.1:{post.port}", "BOOKAPP_MAIL_FROM": "books@example.org"}
        place = {"BOOKAPP_BASE_URL": "http://localhost", "BOOKAPP_ALLOWED_HOSTS": "127.0.0.1"}
        server = Server(tmp_path / "data", BOOKAPP, **mail, **place)
        assert create_admin(server).returncode == 0
        with server:
            assert send(server, "/login/reset", b"username=alice").startswith(b"HTTP/1.1 200 ")
            assert server.stop() == 0
        (letter,) = post.letters()
        assert link_in(letter).startswith("http://localhost/login/reset/choose?token=")


def test_a_mistyped_setting_is_told_at_the_start(tmp_path: Path) -> None:
    with Server(tmp_path / "data", BOOKAPP, BOOKAPP_GUEST_EDIT="never") as server:
        said = server.said()
    assert said.count("BOOKAPP_GUEST_EDIT is no setting of bookapp; BOOKAPP_GUEST_EDITS is one.") == 1


def test_commands_say_what_went_wrong_in_one_sentence(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", BOOKAPP, DATABASE_URL="postgresql://nobody@127.0.0.1:9/none")
    for arguments in (("migrate",), ("serve",), ("backup", str(tmp_path / "b.zip"))):
        done = subprocess.run(
            (sys.executable, "-m", "bookapp", *arguments),
            cwd=ROOT,
            env=environment(tmp_path / "data", server.port, DATABASE_URL="postgresql://nobody@127.0.0.1:9/none"),
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1, done.stderr
    assert bookapp(server, "version").stdout.startswith("bookapp ")
