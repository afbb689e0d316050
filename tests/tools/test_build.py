"""The builder of test tools, with a compiler that only writes down what it was asked."""

import time
from pathlib import Path

import pytest

from tools import build

MODULE = """module tools/planets

go 1.26.0

require example.org/planets/v2 v2.3.4

require (
	example.org/moons v0.9.0 // indirect
)

tool (
	example.org/planets/v2/cmd/mars
	example.org/planets/v2/cmd/server // venus
)
"""
COMPILER = """#!/bin/sh
echo "$@" >> "{folder}/asked"
case "$*" in *{fails}) echo "cmd/{fails}: it does not compile"; exit 1;; *{hangs}) sleep 60;; esac
while [ "$1" != -o ]; do shift; done
echo program > "$2"
"""


@pytest.fixture
def planets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A tool of two programs, its Go module in `planets/`."""
    (tmp_path / "planets").mkdir()
    (tmp_path / "planets" / "go.mod").write_text(MODULE)
    monkeypatch.setattr(build, "TOOLS", tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def use_compiler(folder: Path, monkeypatch: pytest.MonkeyPatch, fails: str = "nothing", hangs: str = "nothing") -> None:
    program = folder / "bin" / "go"
    program.parent.mkdir(exist_ok=True)
    program.write_text(COMPILER.format(folder=folder, fails=fails, hangs=hangs))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")


def asked(folder: Path) -> list[str]:
    file = folder / "asked"
    return [line.rsplit(" ", 1)[1] for line in file.read_text().splitlines()] if file.exists() else []


def test_a_module_names_its_programs_and_their_version(planets: Path) -> None:
    assert [(found.path.name, found.package, found.version) for found in build.programs("planets")] == [
        ("mars", "example.org/planets/v2/cmd/mars", "v2.3.4"),
        ("venus", "example.org/planets/v2/cmd/server", "v2.3.4"),
    ]


def test_only_what_is_missing_is_built(planets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_compiler(planets, monkeypatch)
    assert build.main([]) == 0
    assert all(found.built for found in build.programs("planets"))
    build.programs("planets")[1].path.unlink()
    assert build.main([]) == 0
    assert asked(planets) == [f"example.org/planets/v2/cmd/{name}" for name in ("mars", "server", "server")]


def test_a_changed_module_is_built_again(planets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_compiler(planets, monkeypatch)
    assert build.main([]) == 0
    (planets / "planets" / "go.sum").write_text("another sum\n")
    assert not any(found.built for found in build.programs("planets"))


def test_the_linker_is_told_the_version(planets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_compiler(planets, monkeypatch)
    (planets / "planets" / "ldflags").write_text("-X main.version={version}\n")
    assert build.main([]) == 0
    assert "-s -w -X main.version=v2.3.4" in (planets / "asked").read_text()


def test_what_does_not_compile_says_why_and_the_rest_is_built(
    planets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_compiler(planets, monkeypatch, fails="mars")
    assert build.main([]) == 1
    printed = capsys.readouterr()
    assert "mars not built: cmd/mars: it does not compile" in printed.out
    assert printed.err == "Not built: mars. Tests that need them are skipped.\n"
    assert [found.built for found in build.programs("planets")] == [False, True]
    assert [path.name for path in build.programs("planets")[0].path.parent.iterdir()] == ["venus"]


def test_when_time_is_up_the_compiler_is_stopped(
    planets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use_compiler(planets, monkeypatch, hangs="mars")
    started = time.monotonic()
    assert build.main(["--minutes", "0.01"]) == 1
    assert time.monotonic() - started < 10
    assert "time is up" in capsys.readouterr().out


def test_without_go_nothing_is_built_and_it_says_so(
    planets: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(planets))
    assert build.main([]) == 1
    assert capsys.readouterr().err == "Go is not installed, so these are not built: mars, venus\n"


def test_an_unknown_tool_is_wrong_use(planets: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        build.main(["pluto"])
    assert refused.value.code == 2


@pytest.mark.parametrize("name", build.names())
def test_every_tool_is_pinned(name: str) -> None:
    assert build.programs(name)
    assert (build.TOOLS / name / "go.sum").exists()


def test_no_two_programs_share_a_name() -> None:
    found = [program.path.name for name in build.names() for program in build.programs(name)]
    assert len(found) == len(set(found))
