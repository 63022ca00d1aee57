"""Taste in templates, turned into red or green."""

import re
from pathlib import Path

import pytest
from jinja2 import nodes

from tests.house.plan import PACKAGE, PLAN, ROUTES, TEMPLATES, where

FOLDER = PACKAGE / "templates"
CHILDREN = [path for path in TEMPLATES if path.parent.name not in ("layouts", "parts")]
ENV = PLAN.extensions["templates"].env
TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.DOTALL)


def _text(path: Path) -> str:
    return re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)


def _html(path: Path) -> str:
    """The template with a word in place of everything Jinja does, so that only HTML is left."""
    text = re.sub(r"\{%.*?%\}", " ", _text(path), flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", "VALUE", text, flags=re.DOTALL)


def _every(paths: list[Path]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("path", paths, ids=where)


@_every(CHILDREN)
def test_a_page_extends_and_goes_straight_to_blocks(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("{% extends"), "nothing may stand above extends"
    tree = ENV.parse(text)
    first, *rest = tree.body
    assert isinstance(first, nodes.Extends)
    for node in rest:
        # Whatever else stands outside the blocks is invisible when a block travels alone.
        blank = isinstance(node, nodes.Output) and all(
            isinstance(part, nodes.TemplateData) and not part.data.strip() for part in node.nodes
        )
        assert isinstance(node, nodes.Block) or blank, f"line {node.lineno} stands outside the blocks"


@_every(CHILDREN)
def test_a_block_imports_its_own_parts(path: Path) -> None:
    for block in ENV.parse(path.read_text()).find_all(nodes.Block):
        used = {
            node.node.name
            for node in block.find_all(nodes.Getattr)
            if isinstance(node.node, nodes.Name) and node.node.name in ("part", "forms", "lists")
        }
        imported = {node.target for node in block.find_all(nodes.Import)}
        assert used <= imported, f"block {block.name}"


def _travelling() -> list[tuple[str, str]]:
    found = {("errors/problem.html", "problem")}
    for handler in (route.handler for route in ROUTES):
        gives, takes = getattr(handler, "gives", None), getattr(handler, "takes", None)
        if gives:
            found.add((gives.page, gives.fragment))
        if takes and takes.form:
            found.add((takes.form, takes.block))
        if takes and takes.conflict:
            found.add((takes.conflict, "conflict"))
    return sorted(found)


@pytest.mark.parametrize(("template", "block"), _travelling())
def test_a_block_has_the_name_of_its_element(template: str, block: str) -> None:
    """Read from the macros too: a block may draw its element by calling one."""
    text = _text(FOLDER / template)
    inside = re.search(r"\{% block " + block + r" %\}(.*?)\{% endblock %\}", text, re.DOTALL)
    assert inside, block
    body = inside.group(1)
    found = TAG.search(re.sub(r"\{%.*?%\}", "", body, flags=re.DOTALL))
    if found is None:
        call = re.search(r"\{\{ (\w+)\.(\w+)\(", body)
        assert call, "a block draws an element or calls a macro that does"
        parts = _text(FOLDER / "parts" / ("books.html" if call.group(1) == "part" else f"{call.group(1)}.html"))
        macro = re.search(r"\{% macro " + call.group(2) + r"\(.*?%\}(.*?)\{% endmacro %\}", parts, re.DOTALL)
        assert macro
        found = TAG.search(re.sub(r"\{%.*?%\}", "", macro.group(1), flags=re.DOTALL))
    assert found
    element = found.group()
    classes = re.search(r'class="([^"]*)"', element)
    assert f'id="{block}"' in element or (classes and block in classes.group(1).split()), element


@_every(TEMPLATES)
def test_nothing_is_marked_safe(path: Path) -> None:
    text = _text(path)
    assert not re.search(r"\|\s*safe\b", text)
    assert "autoescape" not in text
    assert "Markup(" not in text


@_every(TEMPLATES)
def test_every_attribute_value_is_quoted(path: Path) -> None:
    for tag in TAG.findall(_html(path)):
        without = re.sub(r"=\s*(\"[^\"]*\"|'[^']*')", "", tag)
        assert "=" not in without, tag


@_every(TEMPLATES)
def test_no_script_or_style_stands_in_a_page(path: Path) -> None:
    html = _html(path)
    for tag in re.findall(r"<script\b[^>]*>", html):
        assert " src=" in tag, tag
    assert "<style" not in html
    for tag in TAG.findall(html):
        assert not re.search(r"\s(on[a-z]+|style|hx-on[:\w-]*)\s*=", tag), tag
        assert "javascript:" not in tag.lower(), tag
        assert not re.search(r'hx-(vals|headers)="js:', tag), tag
        assert not re.search(r'hx-trigger="[^"]*\[', tag), tag


@_every(TEMPLATES)
def test_nothing_is_loaded_from_outside(path: Path) -> None:
    for value in re.findall(r'\b(?:src|href|action|hx-\w+)="([^"]*)"', _html(path)):
        assert not re.match(r"(?:[a-z]+:)?//", value, re.IGNORECASE), value


@_every(sorted((PACKAGE / "static" / "css").glob("*.css")) + sorted((PACKAGE / "static" / "js").glob("*.js")))
def test_no_file_of_ours_loads_from_outside(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"url\(\s*['\"]?(?:https?:)?//", text)
    assert not re.search(r"@import\s+['\"](?:https?:)?//", text)
    assert not re.search(r"(?:fetch|import)\(\s*['\"](?:https?:)?//", text)
    assert "eval(" not in text


@_every(TEMPLATES)
def test_every_form_posts_or_gets_plainly(path: Path) -> None:
    for tag in re.findall(r"<form\b[^>]*>", _html(path)):
        method = re.search(r'method="(\w+)"', tag)
        assert method, tag
        assert method.group(1) in ("get", "post", "dialog"), tag


def test_what_the_lint_refuses_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    for text, check in (
        ("<a href={{ url }}>x</a>", test_every_attribute_value_is_quoted),
        ("<a title={{ url }} href='x'>x</a>", test_every_attribute_value_is_quoted),
        ("{{ x|safe }}", test_nothing_is_marked_safe),
        ("<p onclick='x()'>", test_no_script_or_style_stands_in_a_page),
        ("<p style='color:red'>", test_no_script_or_style_stands_in_a_page),
        ("<script>x</script>", test_no_script_or_style_stands_in_a_page),
        ('<img src="//evil.example/x.png">', test_nothing_is_loaded_from_outside),
        ("<form action='/x'>", test_every_form_posts_or_gets_plainly),
        ("{% set x = 1 %}{% extends 'a' %}", test_a_page_extends_and_goes_straight_to_blocks),
        ("{% extends 'a' %}{% set x = 1 %}", test_a_page_extends_and_goes_straight_to_blocks),
    ):
        bad.write_text(text)
        with pytest.raises(AssertionError):
            check(bad)
