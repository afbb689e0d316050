"""The report as a file: complete, alone, safe, the same every time."""

import os
import re
import subprocess
import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from blueprint import cli
from blueprint.environment.loading import load
from blueprint.errors import BlueprintError
from blueprint.report import gather, render, write
from blueprint.workload.loading import load_demand

ROOT = Path(__file__).parents[3]
VOID = {"meta", "br"}
HOSTILE = "</title><script>alert('x')</script><img src=x onerror=alert(1)> & \"quotes\""


class Page(HTMLParser):
    """Tags with their attributes; `open_tags` is empty at the end of a page that closes what it opens."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open_tags: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open_tags, f"</{tag}> closes nothing"
        assert self.open_tags.pop() == tag

    def values(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [value for _, attributes in self.tags for key, value in attributes.items() if key == name and value]


@cache
def page(name: str, *, demand: bool = True) -> str:
    env = load(ROOT / "environments" / f"{name}.yaml")
    asked = load_demand(ROOT / "demand" / f"{name}.yaml") if demand else None
    return render(gather(env, asked, f"blueprint report {name}"))


def drawings(text: str) -> list[ElementTree.Element]:
    return [ElementTree.fromstring(found) for found in re.findall(r'<svg[^>]*role="img".*?</svg>', text, re.DOTALL)]


@pytest.mark.parametrize(("name", "demand"), [("eu-prod", True), ("eu-prod", False), ("dev", False)])
def test_every_tag_is_closed_and_every_id_is_there_once(name: str, demand: bool) -> None:
    found = Page(page(name, demand=demand))
    assert found.open_tags == []
    ids = found.values("id")
    assert len(ids) == len(set(ids))
    assert {anchor.removeprefix("#") for anchor in found.values("href")} <= set(ids)


@pytest.mark.parametrize(("name", "demand"), [("eu-prod", True), ("dev", False)])
def test_nothing_is_loaded_and_nothing_runs(name: str, demand: bool) -> None:
    text = page(name, demand=demand)
    found = Page(text)
    assert {tag for tag, _ in found.tags} & {"script", "link", "img", "iframe", "object", "embed", "base"} == set()
    assert {key for _, attributes in found.tags for key in attributes} & {"src", "srcset", "style", "onload", "onclick"} == set()
    assert all(value.startswith("#") for value in found.values("href"))
    style = text[text.index("<style>") : text.index("</style>")]
    assert not re.search(r"@import|url\(|//", style)


def test_all_charts_are_there_each_named_described_and_as_a_table() -> None:
    text = page("eu-prod")
    expected = ["volume", "utilization", "tornado", "horizon", "memory", "day-analysis", "day-classify", "day-nightly"]
    assert [each for each in Page(text).values("id") if each.startswith("chart-")] == [f"chart-{name}" for name in expected]
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert len(figures) == len(drawings(text)) == len(expected)
    for figure, drawing in zip(figures, drawings(text), strict=True):
        named = {child.tag: (child.attrib["id"], child.text) for child in drawing if child.tag in ("title", "desc")}
        assert drawing.attrib["aria-labelledby"].split() == [named["title"][0], named["desc"][0]]
        assert all(words for _, words in named.values())
        assert figure.count("<tr>") > 1, "the numbers as a table"


def test_without_a_demand_what_needs_one_is_left_out_and_said() -> None:
    text = page("eu-prod", demand=False)
    assert [each for each in Page(text).values("id") if each.startswith("chart-day")] == []
    assert "No demand was given for a deployment of eu-prod" in text
    assert 'id="chart-volume"' in text


def test_colours_come_from_the_style_sheet_alone_so_that_they_follow_the_theme() -> None:
    text = page("eu-prod")
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    allowed = {"viewBox", "role", "aria-labelledby", "aria-hidden", "class", "d", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "id"}
    for drawing in drawings(text):
        assert {key for each in drawing.iter() for key in each.attrib} <= allowed | {"text-anchor"}


def test_the_answer_comes_first_and_the_assumptions_with_their_sources_last() -> None:
    text = page("eu-prod")
    sections = [attributes["id"] for tag, attributes in Page(text).tags if tag == "section"]
    assert (sections[0], sections[-1]) == ("answer", "assumptions")
    assert text.index('class="answer"') < text.index("Five dimensions</h2>") < text.index("<figure")
    assert "2025-10-29" in page("dc-prod") or "Uptime Institute survey 2025" in text


def test_what_people_wrote_is_text_and_never_markup(tmp_path: Path) -> None:
    said = HOSTILE.replace('"', '\\"')
    shipped = (ROOT / "environments" / "eu-prod.yaml").read_text()
    (tmp_path / "eu-prod.yaml").write_text(re.sub("description: .*", lambda _: f'description: "{said}"', shipped))
    demand = (ROOT / "demand" / "eu-prod.yaml").read_text() + f'assumptions: {{setup_eur: {{base: 1, source: "{said}"}}}}\n'
    (tmp_path / "demand.yaml").write_text(demand)
    text = render(gather(load(tmp_path / "eu-prod.yaml"), load_demand(tmp_path / "demand.yaml"), f"blueprint report {HOSTILE}"))
    tags = {tag for tag, _ in Page(text).tags}
    assert tags & {"script", "img"} == set()
    assert text.count("&lt;script&gt;") == 3


def test_same_inputs_on_the_same_day_give_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    pages = []
    for seed in ("1", "2"):
        file = tmp_path / f"{seed}.html"
        command = [sys.executable, "-m", "blueprint", "report", "eu-prod", "-o", str(file)]
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True)
        pages.append(file.read_bytes())
    assert pages[0] == pages[1]


def test_a_page_replaces_the_old_one_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text("old")
    write("new", file)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.html", "new")]


def test_where_it_cannot_be_written_the_old_one_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.html"
    file.write_text("old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BlueprintError, match=r"report\.html cannot be written: No space left on device"):
        write("new", file)
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("report.html", "old")]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("eu-prod", "--demand", "absent.yaml"), 1, "absent.yaml:1  cannot be read: No such file or directory"),
        (("eu-prodd",), 2, "there is no environments/eu-prodd.yaml"),
        (("eu-prod", "--demand", "demand/dc-prod.yaml"), 2, "workload.search: eu-prod has neither a model nor an API of this name"),
        (("dev", "-o", "docs"), 2, "docs is no file"),
        (("dev", "-o", "absent/report.html"), 2, "report.html cannot be written: No such file or directory"),
    ],
)
def test_wrong_use_is_told_in_one_message(
    arguments: tuple[str, ...], code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "argv", ["blueprint", "report", *arguments])
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    out, err = capsys.readouterr()
    assert (stopped.value.code, out) == (code, "")
    assert said in err
    assert "Traceback" not in err
