"""People for the checks: they register, sign in and make tokens at a server from outside."""

import http.client
import json
from email.message import Message
from http.cookies import SimpleCookie
from typing import Any

PASSWORD = "the moon is made of paper"


def call(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Message, Any]:
    """Send one request on a connection of its own, as a program does. Returns the status, the headers and the JSON."""
    told = {"Accept": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None:
        told["Content-Type"] = "application/json"
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, None if body is None else json.dumps(body), told)
        answer = connection.getresponse()
        said = answer.read()
        return answer.status, answer.headers, json.loads(said) if said[:1] in (b"{", b"[") else None
    finally:
        connection.close()


def register(port: int, name: str, **headers: str) -> None:
    """Make an account; the first one administers."""
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    status, _, said = call(port, "POST", "/accounts", body, **headers)
    assert status == 201, said


def sign_in(port: int, name: str, **headers: str) -> str:
    """Sign a browser in. Returns its session."""
    body = {"username": name, "password": PASSWORD}
    status, told, _ = call(port, "POST", "/login", body, **headers, HX_Request="true")
    assert status == 200, status
    cookies = SimpleCookie()
    for line in told.get_all("Set-Cookie", []):
        cookies.load(line)
    return cookies["bookapp_session"].value


def make_token(port: int, name: str) -> str:
    """Sign a program in. Returns its token."""
    status, _, said = call(port, "POST", "/accounts/login", {"username": name, "password": PASSWORD})
    assert status == 200, said
    return str(said["token"])
