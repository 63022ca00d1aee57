"""What is answered about recommendations between people: frozen, finished, the same for the page and for JSON."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bookapp.books.results import BookLine, BookName
from bookapp.circles.results import PersonRef

Box = Literal["inbox", "sent"]
State = Literal["sent", "seen", "saved", "reading", "finished", "declined"]
Welcome = Literal["members", "trusted", "nobody"]
Shelf = Literal["want", "reading", "read", "stopped"]


@dataclass(frozen=True, slots=True)
class AskName:
    """The wish that a recommendation answers."""

    id: int
    text: str
    url: str


@dataclass(frozen=True, slots=True)
class HitRate:
    """How well somebody chose: of `of` recommendations with a verdict, `hits` were read and got four stars or more.

    A verdict is a rating after reading, or that it was declined.
    """

    hits: int
    of: int


@dataclass(frozen=True, slots=True)
class HitRates:
    """How well two people choose for each other."""

    received: HitRate
    """What the other one recommended to you."""
    sent: HitRate
    """What you recommended to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionLine:
    """One book that somebody recommends to somebody."""

    id: int
    box: Box
    """Whether you got it or sent it."""
    book: BookLine
    sender: PersonRef | None
    """Null when they left."""
    receiver: PersonRef | None
    """Null when they left, and for a link that nobody has taken yet."""
    other: str
    """The other one of you two, as people say it."""
    is_link: bool
    """Whether it went to somebody outside by a link."""
    link_until: datetime | None
    reason: str | None
    because: BookName | None
    """A book of the receiver's that made the sender think of it."""
    ask: AskName | None
    """The wish that it answers."""
    state: State
    answer: str | None
    """What the receiver said to it."""
    stars: float | None
    """What the receiver gave it, as far as they tell."""
    stars_words: str
    shelf: Shelf | None
    """On which of the receiver's shelves it stands, as far as you may see that."""
    hits: HitRate | None
    """How well the sender chose for the receiver so far; null while there is no verdict."""
    is_new: bool
    """Whether you have not looked at it since it came, or since something came of it."""
    sent_at: datetime
    seen_at: datetime | None
    changed_at: datetime
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionList:
    """One page of what was recommended to you, or of what you recommended, the latest first."""

    suggestions: tuple[SuggestionLine, ...]
    next: str | None
    total: int
    box: Box
    until: datetime | None
    """When something new is here: what to send to `seen_url`, to say that you have seen all up to then."""
    seen_url: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What was sent just now."""

    id: int
    """The first of them."""
    url: str
    suggestions: tuple[SuggestionLine, ...]
    told: tuple[str, ...]
    """What is worth knowing about it: "Bob has read it already"."""
    link: str | None = None
    """The secret address for somebody outside. It is shown now and never again."""


@dataclass(frozen=True, slots=True)
class NewCount:
    """How many recommendations you have not looked at, and how many of yours something came of."""

    inbox: int
    news: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestionDraft:
    """The form for a recommendation: which book, and for whom."""

    book: BookLine | None
    to: str
    people: tuple[str, ...]
    """Whom you are likely to mean."""
    theirs: tuple[BookName, ...]
    """What the one you named has read or rated, as far as you may see it: "because you liked" needs one of them."""
    ask: AskName | None
    q: str
    found: tuple[BookLine, ...]
    """The books that fit what you looked for."""
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkShown:
    """What a link shows to whoever holds it."""

    is_alive: bool
    """False when it has ended, or never was."""
    token: str = ""
    book: BookLine | None = None
    by: str = ""
    """Who recommends it."""
    reason: str | None = None
    because: BookName | None = None
    until: datetime | None = None
    whose: Literal["open", "mine", "yours", "taken"] = "open"
    """Free to be taken, sent by you, in your inbox, or in somebody else's."""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceShown:
    """From whom you take recommendations, and what you tell them."""

    welcome: Welcome
    tells_outcome: bool
    """Whether senders learn that you read it and how you liked it, when members may see that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLine:
    """A wish for recommendations."""

    id: int
    text: str
    person: PersonRef | None
    is_mine: bool
    is_open: bool
    created_at: datetime
    closed_at: datetime | None
    answer_count: int
    url: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskShown(AskLine):
    """A wish with the books that answer it: all of them for who asked, your own for you."""

    answers: tuple[SuggestionLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AskList:
    """One page of the wishes, the latest first: those that are open, and your own."""

    asks: tuple[AskLine, ...]
    next: str | None
    total: int
    url: str
