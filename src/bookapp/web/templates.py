"""Drawing pages and blocks. Templates get a finished result; they cannot ask the database."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2_fragments import render_block
from markupsafe import Markup
from quart import g, has_app_context

from bookapp.core import clock
from bookapp.web.context import actor, facts
from bookapp.web.flash import waiting
from bookapp.web.forms import EMPTY
from bookapp.web.static import StaticFiles


class Templates:
    """The environment of all templates, with what every one of them may use."""

    def __init__(self, static: StaticFiles, version: str, *, debug: bool) -> None:
        # Not Quart's own environment: that renders through async generators, which finished results do not need.
        self.env = Environment(
            loader=PackageLoader("bookapp", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=debug,
        )
        self.env.globals.update(static=static.url, app_version=version, icon=_icon(static))
        self.env.filters.update(number=_number, day=_day, moment=_moment, year=_year, percent=_percent, size=_size)

    def add(self, **functions: Callable[..., Any]) -> None:
        """Give templates a function or, when its name ends with `_filter`, a filter of a room."""
        for name, function in functions.items():
            if name.endswith("_filter"):
                self.env.filters[name.removesuffix("_filter")] = function
            else:
                self.env.globals[name] = function

    def page(self, template: str, **context: Any) -> str:
        """The whole page."""
        return self.env.get_template(template).render(_around() | context)

    def block(self, template: str, block: str, **context: Any) -> str:
        """One block of the page, byte for byte as it stands in it."""
        return render_block(self.env, template, block, _around() | context)


def _around() -> dict[str, Any]:
    seen = facts()
    g.flashes = waiting() if seen.wanted == "page" else []
    return {
        "actor": actor(),
        "may_edit": g.get("may_edit", False),
        "unclaimed": g.get("unclaimed", False),
        "prefs": seen.preferences,
        "flashes": g.flashes,
        "form": EMPTY,
        "path": seen.target,
    }


def _icon(static: StaticFiles) -> Callable[[str], Markup]:
    def icon(name: str) -> Markup:
        sprite = static.url("icons.svg")
        return Markup('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>').format(
            sprite, name
        )

    return icon


def _number(value: int) -> str:
    return f"{value:,}"


def _here(value: datetime) -> datetime:
    """On the clock of whoever looks; letters, which nobody looks at here, have UTC."""
    return value.astimezone(clock.zone_of(actor().zone if has_app_context() else "UTC"))


def _day(value: datetime) -> str:
    return f"{_here(value).day} {_here(value):%B %Y}"


def _moment(value: datetime) -> str:
    return f"{_day(value)}, {_here(value):%H:%M %Z}"


def _year(value: int) -> str:
    return str(value) if value > 0 else f"{-value} BCE"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _size(value: int) -> str:
    """So many bytes, in the unit that people would choose."""
    for unit, many in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if value >= many:
            return f"{value / many:.1f} {unit}"
    return f"{value} bytes"
