"""Tasks that were sent through the application."""

from typing import Any

from tests.clients import Browser

TASKS = "/accounts/alice/tasks"


async def a_sent_task(client: Browser, name: str = "Read on", tasks: str = TASKS, **fields: Any) -> dict[str, Any]:
    """A task added to somebody's list, as JSON shows it."""
    answer = await client.post(tasks, json={"name": name, **fields})
    assert answer.status == 201, answer.text
    task: dict[str, Any] = answer.json
    return task
