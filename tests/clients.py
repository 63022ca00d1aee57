"""A client that speaks as a browser, as htmx or as a program."""

import json
from dataclasses import dataclass
from typing import Any

from bookapp.web.application import Application

PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FRAGMENT = {"HX-Request": "true", "Accept": "*/*"}
JSON = {"Accept": "application/json"}
FORMS = {"page": PAGE, "fragment": FRAGMENT, "json": JSON}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Any
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as JSON; NaN and Infinity are refused."""

        def refuse(constant: str) -> None:
            raise ValueError(constant)

        return json.loads(self.body, parse_constant=refuse)


class Browser:
    """Sends requests into the application, through the guard; keeps cookies like a browser."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self._client = app.test_client()
        assert self._client.cookie_jar is not None
        self.cookies = self._client.cookie_jar

    async def ask(self, method: str, path: str, form: str = "json", **more: Any) -> Answer:
        """Ask as `page`, `fragment` or `json`; `data` is a form, `json` a JSON body."""
        headers = {"Host": "localhost", **FORMS[form], **more.pop("headers", {})}
        if "data" in more and isinstance(more["data"], dict):
            more["form"] = more.pop("data")
        response = await self._client.open(path, method=method, headers=headers, **more)
        return Answer(response.status_code, response.headers, await response.get_data(as_text=False))

    async def get(self, path: str, form: str = "json", **more: Any) -> Answer:
        """GET."""
        return await self.ask("GET", path, form, **more)

    async def post(self, path: str, form: str = "json", **more: Any) -> Answer:
        """POST."""
        return await self.ask("POST", path, form, **more)

    async def put(self, path: str, form: str = "json", **more: Any) -> Answer:
        """PUT."""
        return await self.ask("PUT", path, form, **more)

    async def delete(self, path: str, form: str = "json", **more: Any) -> Answer:
        """DELETE."""
        return await self.ask("DELETE", path, form, **more)
