"""What the documentation says is there is there: links, commands, make targets, headings of decisions, sources of figures."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from blueprint import cli

ROOT = Path(__file__).parents[2]
NOT_OURS = {"node_modules", ".venv", "cdktf.out", ".rehearsal"}
PAGES = sorted(page for page in ROOT.rglob("*.md") if not NOT_OURS & set(page.relative_to(ROOT).parts))
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
SECTIONS = ("**Context.**", "**Decision.**", "**Consequences.**")
COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?blueprint ([a-z][a-z-]*)(?: ([a-z-]+))?", re.MULTILINE)
INLINE = re.compile(r"^(?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?blueprint ([a-z][a-z-]*)(?: ([a-z-]+))?")


def named(page: Path) -> str:
    return str(page.relative_to(ROOT))


def tokens(page: Path) -> Iterator[Any]:
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text()):
        yield token
        yield from token.children or ()


def links(page: Path) -> Iterator[str]:
    for token in tokens(page):
        yield from (str(token.attrs[name]) for name in ("href", "src") if name in token.attrs)


def anchors(page: Path) -> set[str]:
    """GitHub's: lower case, hyphens for spaces, no punctuation."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(page: Path) -> Iterator[str]:
    """Links of a page that lead nowhere in this project; addresses elsewhere are not asked."""
    for link in links(page):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert list(broken(page)) == []


def test_a_link_to_a_page_or_a_heading_that_is_not_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A heading\n")
    page = tmp_path / "page.md"
    page.write_text("[a](there.md) [b](there.md#a-heading) [c](there.md#gone) [d](gone.md) ![e](gone.svg) [f](https://example.org)\n")
    assert list(broken(page)) == ["there.md#gone", "gone.md", "gone.svg"]


def commands(page: Path) -> set[tuple[str, str]]:
    """Every `blueprint …` a page shows: its first two words."""
    found: set[tuple[str, str]] = set()
    for token in tokens(page):
        if token.type == "fence":
            found |= set(COMMAND.findall(token.content))
        elif token.type == "code_inline":
            found |= set(INLINE.findall(token.content))
    return found


def known() -> dict[str, set[str]]:
    """The commands there are, each with its subcommands."""
    group: Any = typer.main.get_command(cli.command_line())
    return {name: set(getattr(command, "commands", {})) for name, command in group.commands.items()}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_shown_exists(page: Path) -> None:
    there = known()
    missing = [
        f"blueprint {one} {two}".strip() for one, two in commands(page) if one not in there or (there[one] and two not in there[one])
    ]
    assert missing == []


def test_every_command_explains_itself() -> None:
    for name, inside in known().items():
        for words in [[name], *([name, sub] for sub in sorted(inside))]:
            done = CliRunner().invoke(cli.command_line(), [*words, "--help"])
            assert done.exit_code == 0, words
            assert "Usage:" in done.stdout


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_make_target_shown_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    shown = {
        target
        for token in tokens(page)
        if token.type in ("fence", "code_inline")
        for target in re.findall(r"(?:^|\n)(?:\$ )?make ([a-z0-9-]+)", token.content)
    }
    assert shown <= targets


@pytest.mark.parametrize("page", DECISIONS, ids=named)
def test_every_decision_has_its_number_status_and_sections(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.search(r"^(Accepted|Superseded by record \d+), 20\d\d-\d\d-\d\d$", text, re.MULTILINE)
    assert [section for section in SECTIONS if section not in text] == []


def test_decisions_are_numbered_without_gaps() -> None:
    assert [int(page.name[:4]) for page in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def figures(entry: Any, around: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where numbers stand in a catalogue file that no source around them covers."""
    if isinstance(entry, dict):
        if {"source", "as_of"} <= set(entry):
            return
        for key, item in entry.items():
            yield from figures(item, (*around, str(key)))
    elif isinstance(entry, list):
        for item in entry:
            yield from figures(item, around)
    elif isinstance(entry, int | float) and not isinstance(entry, bool):
        yield around


@pytest.mark.parametrize("file", sorted((ROOT / "catalog").glob("*.yaml")), ids=named)
def test_every_figure_beside_the_catalogue_proper_has_a_source(file: Path) -> None:
    """Files in the catalogue's folders are checked when they are loaded (blueprint/catalog.py)."""
    assert list(figures(yaml.safe_load(file.read_text()))) == []
