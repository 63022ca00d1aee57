"""What is wrong with a field, in words for the person who typed it."""

from typing import Any

from pydantic_core import ErrorDetails

_SENTENCES = {
    "missing": "Please fill this in",
    "string_too_short": "Please fill this in",
    "string_type": "Please fill this in",
    "string_too_long": "At most {max_length} characters fit here",
    "too_long": "At most {max_length} are possible here",
    "too_short": "At least {min_length} are needed here",
    "greater_than_equal": "Must be {ge} or more",
    "less_than_equal": "Must be {le} or less",
    "int_parsing": "Must be a whole number",
    "int_type": "Must be a whole number",
    "int_from_float": "Must be a whole number",
    "int_parsing_size": "Is too large",
    "list_type": "Must be a list of texts",
    "literal_error": "Must be one of {expected}",
}


def message(problem: ErrorDetails) -> str:
    """One friendly sentence for one of pydantic's errors."""
    if problem["input"] is None:
        return "Please fill this in"
    context: dict[str, Any] = problem.get("ctx") or {}
    kind = problem["type"]
    if isinstance(problem["input"], str) and kind in ("too_long", "too_short"):
        kind = f"string_{kind}"  # pydantic no longer knows that it is text once a check of ours has seen it
    sentence = _SENTENCES.get(kind)
    if sentence is not None:
        return sentence.format_map(context)
    text = problem["msg"].removeprefix("Value error, ")
    return text[:1].upper() + text[1:]
