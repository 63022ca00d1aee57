"""Examples of the main objects, by the name of their type. A test makes each of them with its type."""

from typing import Any

_AUTHOR = {"id": 3, "name": "Jane Austen"}
_BOOK: dict[str, Any] = {
    "id": 7,
    "title": "Emma",
    "author": _AUTHOR,
    "authors": [_AUTHOR],
    "year": 1815,
    "language": "en",
    "pages": 474,
    "isbn": "9780141439587",
    "subjects": ["classics", "romance"],
    "series": None,
    "rating": {"average": 4.1, "count": 512},
    "cover_url": "/books/7/cover",
    "cover_drawn": True,
    "created_by": "guest",
    "url": "/books/7",
    "version": 2,
}
_SIMILAR = _BOOK | {"because": ["also by Jane Austen", "also about romance"]}
_NO_FACETS: dict[str, Any] = {"author": [], "subject": [], "decade": [], "language": [], "complete": True}
_CHANGE = {
    "at": "2026-03-03T14:05:00Z",
    "who": "guest",
    "what": "edited",
    "version": 2,
    "fields": [{"field": "year", "before": "1816", "after": "1815"}],
}

_PASSWORD = "the moon is made of paper"  # noqa: S105  # nobody's
_TASK: dict[str, Any] = {"name": "Read Emma", "due_date": "2026-12-24", "book_id": 1}

EXAMPLES: dict[str, Any] = {
    "AddBook": {
        "title": "Emma",
        "author": "Jane Austen",
        "isbn": "978-0-14-143958-7",
        "year": 1815,
        "language": "en",
        "subjects": ["classics", "romance"],
    },
    "EditBook": {"title": "Emma", "pages": 474},
    "EditAuthor": {"name": "Jane Austen"},
    "ChooseLook": {"theme": "dark", "view": "table"},
    "Register": {"username": "charlie", "email": "charlie@example.org", "password": _PASSWORD},
    "SignIn": {"username": "alice", "password": _PASSWORD},
    "EditAccount": {"about": "Reads at night.", "time_zone": "Europe/Berlin"},
    "ChangePassword": {"password": _PASSWORD, "new_password": "four words that nobody said"},
    "DeleteAccount": {"password": _PASSWORD},
    "MakeToken": {"name": "Bookshelf script", "scope": "write", "days": 30, "password": _PASSWORD},
    "EnterCode": {"code": "123456"},
    "ConfirmFactor": {"code": "123456", "password": _PASSWORD},
    "ProveAgain": {"password": _PASSWORD},
    "AskForReset": {"username": "alice"},
    "ChooseByLink": {"token": "the-last-part-of-the-link", "new_password": "four words that nobody said"},
    "AddTask": _TASK,
    "EditTask": _TASK | {"note": "Only the first chapter", "completed": False},
    "EditPerson": {"role": "admin", "state": "active"},
    "MakeInvite": {"note": "The Tuesday club", "days": 7, "most_uses": 12},
    "MergeInto": {"into": 2},
    "BookLine": _BOOK,
    "BookShown": _BOOK
    | {
        "description": "Handsome, clever and rich, Emma arranges other people's lives.",
        "created_at": "2026-03-01T09:30:00Z",
        "in_series": [],
        "more_by_author": [],
        "similar": [_SIMILAR],
        "history": [_CHANGE],
    },
    "BookList": {
        "books": [_BOOK],
        "next": None,
        "total": 1,
        "facets": _NO_FACETS,
        "q": "emma",
        "sort": "relevance",
        "chosen": [],
        "searched_for": "emma",
        "did_you_mean": None,
    },
    "SimilarList": {"id": 9, "title": "Persuasion", "url": "/books/9", "books": [_SIMILAR]},
    "AuthorList": {
        "authors": [{**_AUTHOR, "book_count": 6, "url": "/authors/3", "version": 1}],
        "next": None,
        "total": 1,
        "q": "",
        "sort": "name",
    },
    "AuthorShown": {**_AUTHOR, "book_count": 1, "url": "/authors/3", "version": 1, "books": [_BOOK], "next": None},
    "Problem": {
        "type": "about:blank",
        "title": "Please check what you typed",
        "status": 422,
        "detail": "title: Please fill this in",
        "errors": {"title": ["Please fill this in"]},
        "request_id": "5f0c2a1b00000007",
    },
}
