"""The keys of the pages, said once for the page that lists them."""

from bookapp.system.results import Key

KEYS = (
    Key("/", "Search"),
    Key("n", "Add a book"),
    Key("e", "Edit the book in focus, or the first one"),
    Key("u", "Undo what the newest message tells of"),
    Key("Enter", "Save what you edit"),
    Key("Escape", "Leave the editing, nothing is changed"),
    Key("↑ ↓", "In a table of the administration: the same thing in the next row"),
    Key("?", "Show these keys"),
)
