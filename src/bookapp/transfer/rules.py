"""Which files one can take along."""

from bookapp.transfer.results import ExportLine

URL = "/exports"
EXPORTS = (
    ExportLine(
        name="account.zip",
        title="Everything that is yours",
        about="Profile, settings, shelves, stars, reviews, readings, quotes, tasks, goals, people, recommendations and "
        "covers. Any bookapp takes this file in again.",
        url=f"{URL}/account.zip",
        is_own=True,
    ),
    ExportLine(
        name="goodreads.csv",
        title="Your shelves as Goodreads has them",
        about="A table that most places for readers take. It has whole stars, so halves are rounded up, and the last "
        "date of reading only.",
        url=f"{URL}/goodreads.csv",
        is_own=True,
    ),
    ExportLine(
        name="storygraph.csv",
        title="Your shelves as StoryGraph has them",
        about="A table with quarter stars, every time of reading, moods, pace and content warnings. It has no place "
        "for your private notes.",
        url=f"{URL}/storygraph.csv",
        is_own=True,
    ),
    ExportLine(
        name="books.csv",
        title="The catalogue as a table",
        about="All books here, for a spreadsheet.",
        url="/books.csv",
        is_own=False,
    ),
    ExportLine(
        name="books.jsonl",
        title="The catalogue with everything",
        about="All books here with editions, subjects, series and descriptions, one JSON object in each line. "
        "“bookapp import” takes this file in again.",
        url="/books.jsonl",
        is_own=False,
    ),
)
