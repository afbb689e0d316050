"""What runs, how it is locked, and how it is copied between two real registries."""

import io
import json
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from blueprint.environment.loading import load
from blueprint.errors import BlueprintError
from blueprint.images import archive, bundle, commands, guard, lock, login, mirroring
from blueprint.images.charts import load_charts
from blueprint.images.lock import Chart, Image, Lock
from blueprint.images.locking import lock as write_lock
from blueprint.images.mirroring import Copier, Progress
from blueprint.images.places import Mirror, Upstream
from blueprint.images.registry import Registry, RegistryError
from modules.addons.base import HelmAddon
from modules.registry import Mlflow
from tests.servers.registry import digest, put_image, registry_server

ROOT = Path(__file__).parents[2]
RENDERED = json.loads((ROOT / "tests" / "schemas" / "charts" / "images.json").read_text())
KEYS = {path.stem: json.loads(path.read_text()) for path in (ROOT / "tests" / "schemas" / "charts").glob("*.json")}
HOST = "acmetest.azurecr.io"
CURL, KEDA = "docker.io/curlimages/curl:8.21.0", "ghcr.io/kedacore/keda:2.20.2"
ZEROS = f"sha256:{'0' * 64}"


def stack(image: str = CURL, version: str = "2.20.2") -> dict[str, Any]:
    """A bundle of two releases: KEDA's chart, and a manifest of ours."""
    ours = yaml.dump({"objects": {"pod": {"image": f"{HOST}/{image}"}}})
    chart = {"name": "keda", "chart": f"oci://{HOST}/charts/keda", "version": version, "values": ["{}"]}
    return {"resource": {"helm_release": {"one": chart, "two": {"name": "gateway", "chart": "./assets/chart", "values": [ours]}}}}


# ── the catalogue of charts ──


def installed() -> dict[str, str]:
    import importlib
    import pkgutil

    from modules import addons

    for module in pkgutil.iter_modules(addons.__path__):
        importlib.import_module(f"modules.addons.{module.name}")
    classes: list[type[HelmAddon]] = [*HelmAddon.__subclasses__(), Mlflow]
    return {addon.chart: addon.version for addon in classes if "chart" in vars(addon) and addon.__module__.startswith("modules.")}


def test_the_catalogue_describes_exactly_the_charts_and_versions_we_install() -> None:
    assert {name: entry.version for name, entry in load_charts().charts.items()} == installed()


@pytest.mark.parametrize("name", sorted(RENDERED))
def test_no_default_image_of_a_chart_is_forgotten(name: str) -> None:
    """`images.json` has what each chart renders by itself: every one is copied, switched off, or named in our own values."""
    entry = load_charts().charts[name]
    assert entry.version == RENDERED[name]["version"]
    ours = {"docker.io/envoyproxy/gateway:v1.9.0", "docker.io/envoyproxy/ratelimit:17b1956c"}
    assert set(RENDERED[name]["images"]) - entry.images.keys() - set(entry.unused) <= ours


def chart_keys(name: str) -> set[str]:
    """Every value a chart knows by its default, those of its subcharts under their names."""
    subcharts = {f"{other}.{key}" for other in KEYS.keys() - {name} for key in KEYS[other].get("values", KEYS[other])}
    return {*KEYS[name].get("values", KEYS[name]), *subcharts} if name in KEYS else subcharts


def test_every_value_that_pins_an_image_is_one_the_chart_knows() -> None:
    """A misspelt key would be ignored by Helm and leave the image unpinned. Some charts show `digest` and `version` only in a
    comment; then the image it belongs to must be known."""
    unknown = []
    for name, entry in load_charts().charts.items():
        known = chart_keys(name)
        for key in (key for keys in entry.images.values() for key in keys):
            parent, _, last = key.rpartition(".")
            beside = last in ("digest", "version") and any(other.startswith(f"{parent}.") for other in known)
            if key not in known and not beside:
                unknown.append(f"{name}: {key}")
    assert unknown == []


# ── what runs ──


def test_images_of_manifests_and_of_charts_are_both_found_with_their_users() -> None:
    found = bundle.read(stack())
    assert found.registry == HOST
    assert found.images[CURL] == ("gateway",)
    assert found.images[KEDA] == ("keda",)
    assert found.charts == {"keda": "2.20.2"}


def test_a_pinned_image_is_found_under_its_tag() -> None:
    assert bundle.read(stack(f"{CURL}@{ZEROS}")).images.keys() == bundle.read(stack()).images.keys()


def test_a_chart_the_catalogue_does_not_describe_stops_the_list() -> None:
    with pytest.raises(BlueprintError, match=r"keda 9\.9\.9 is installed, but catalog/charts\.yaml knows version 2\.20\.2"):
        bundle.read(stack(version="9.9.9"))


# ── the lock ──


def locked() -> Lock:
    known = {CURL: Image(digest=ZEROS, used_by=("gateway",)), KEDA: Image(digest=ZEROS, used_by=("keda",))}
    return Lock(platform="all", images=known, charts={"keda": Chart(version="2.20.2", digest=ZEROS)})


def test_a_locked_image_carries_tag_and_digest_and_a_bare_repository_stays() -> None:
    assert locked().pin(CURL) == f"{CURL}@{ZEROS}"
    assert locked().pin("ghcr.io") == "ghcr.io"


def test_a_chart_gets_digests_in_its_own_form() -> None:
    assert locked().values("keda") == {"image": {"keda": {"tag": f"2.20.2@{ZEROS}"}}}
    grafana = Lock(platform="all", images={"docker.io/grafana/grafana:13.2.0": Image(digest=ZEROS, used_by=("x",))})
    assert grafana.values("kube-prometheus-stack") == {"grafana": {"image": {"sha": "0" * 64}}}


def test_what_is_not_locked_is_named() -> None:
    assert locked().missing(bundle.read(stack("quay.io/new/image:1")))[:1] == ["ghcr.io/kedacore/keda-admission-webhooks:2.20.2"]
    assert "quay.io/new/image:1" in locked().missing(bundle.read(stack("quay.io/new/image:1")))


def test_a_lock_is_the_same_text_however_often_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "FOLDER", tmp_path)
    text = lock.render(locked(), "dev")
    lock.path("dev").write_text(text)
    assert lock.load("dev") == locked()
    assert lock.render(locked(), "dev") == text


def test_a_lock_that_somebody_broke_is_told_with_the_command_that_mends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "FOLDER", tmp_path)
    lock.path("dev").write_text("platform: all\nimages: {a: {digest: latest, used_by: []}}\n")
    with pytest.raises(BlueprintError, match=r"dev\.images\.lock cannot be used") as broken:
        lock.load("dev")
    assert broken.value.next_step == "blueprint images lock dev"


def test_no_shipped_environment_has_a_lock_nobody_wrote() -> None:
    assert [path.name for path in (ROOT / "environments").glob("*.images.lock")] == []


# ── the guard ──


@pytest.fixture
def unlocked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lock, "FOLDER", tmp_path)
    (tmp_path / "cdk.tf.json").write_text(json.dumps(stack()))
    return tmp_path


def refusal(folder: Path) -> str:
    file = folder / guard.FILE
    return file.read_text() if file.exists() else ""


def test_personal_data_without_a_lock_is_refused_with_the_command_to_run(unlocked: Path) -> None:
    guard.protect(load(ROOT / "environments" / "eu-prod.yaml"), unlocked)
    assert "Run: blueprint images lock eu-prod" in refusal(unlocked)


def test_internal_data_may_go_without(unlocked: Path) -> None:
    guard.protect(load(ROOT / "environments" / "dev.yaml"), unlocked)
    assert refusal(unlocked) == ""


def test_a_lock_that_misses_an_image_is_refused_and_a_full_one_lifts_it(unlocked: Path) -> None:
    env = load(ROOT / "environments" / "eu-prod.yaml")
    lock.path("eu-prod").write_text(lock.render(locked(), "eu-prod"))
    guard.protect(env, unlocked)
    assert "does not know ghcr.io/kedacore/keda-admission-webhooks:2.20.2 and 1 more" in refusal(unlocked)
    all_of_it = {name: Image(digest=ZEROS, used_by=users) for name, users in bundle.read(stack()).images.items()}
    lock.path("eu-prod").write_text(lock.render(locked().model_copy(update={"images": all_of_it}), "eu-prod"))
    guard.protect(env, unlocked)
    assert refusal(unlocked) == ""


def test_the_foundation_needs_no_lock(unlocked: Path) -> None:
    (unlocked / "cdk.tf.json").write_text("{}")
    guard.protect(load(ROOT / "environments" / "eu-prod.yaml"), unlocked)
    assert refusal(unlocked) == ""


# ── between registries ──


@pytest.fixture(scope="module")
def registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    folder = tmp_path_factory.mktemp("registries")
    with registry_server(folder / "one") as one, registry_server(folder / "two") as two:
        yield one, two


@pytest.fixture(scope="module")
def filled(registries: tuple[str, str]) -> dict[str, dict[str, str]]:
    """Everything of our bundle in the first registry, under upstream paths."""
    registry, found = Registry(registries[0], plain_http=True), bundle.read(stack())
    images = {name: put_image(registry, name.rpartition(":")[0], name.rpartition(":")[2], seed=name) for name in found.images}
    return {**images, "keda": put_image(registry, "charts/keda", "2.20.2", seed="chart")}


def test_a_lock_holds_the_digest_of_one_platform_or_of_all(registries: tuple[str, str], filled: dict[str, dict[str, str]]) -> None:
    source = Mirror(registries[0], plain_http=True)
    one = write_lock(bundle.read(stack()), source, "linux/amd64", lambda name, found: None)
    every = write_lock(bundle.read(stack()), source, "all", lambda name, found: None)
    assert one.images[CURL].digest == filled[CURL]["linux/amd64"]
    assert every.images[CURL].digest == filled[CURL]["all"]


def test_what_a_registry_does_not_have_is_named_all_at_once(registries: tuple[str, str], filled: dict[str, dict[str, str]]) -> None:
    wanted = bundle.Bundle(HOST, {CURL: ("a",), "quay.io/no/such:1": ("a",), "quay.io/nor/this:2": ("a",)}, {})
    with pytest.raises(RegistryError, match=r"quay\.io/no/such.*\n.*quay\.io/nor/this") as error:
        write_lock(wanted, Mirror(registries[0], plain_http=True), "all", lambda name, found: None)
    assert error.value.exit_code == 1


@pytest.mark.parametrize("platform", ["all", "linux/amd64"])
def test_a_second_copy_finds_everything_there(registries: tuple[str, str], filled: dict[str, dict[str, str]], platform: Any) -> None:
    source, target = Mirror(registries[0], plain_http=True), Mirror(f"{registries[1]}/{platform.replace('/', '-')}", plain_http=True)
    wanted = write_lock(bundle.read(stack()), source, platform, lambda name, found: None)
    results: list[str] = []
    copier = Copier(source, target, Progress(lambda name, result: results.append(result)))
    copier.mirror(wanted)
    assert set(results) == {"copied"}
    place = target.image(CURL)
    assert place.registry.digest(place.repository, place.tag) == filled[CURL][platform]
    results.clear()
    copier.mirror(wanted)
    assert set(results) == {"there"}


def test_an_interrupted_copy_goes_on_where_it_was(registries: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection breaks after the second blob; the next run sends only what is missing, and the tag appears last."""
    digests = put_image(Registry(registries[0], plain_http=True), "docker.io/acme/big", "1", seed="sent in two goes")
    source, target = Mirror(registries[0], plain_http=True), Mirror(registries[1], plain_http=True)
    wanted = Lock(platform="all", images={"docker.io/acme/big:1": Image(digest=digests["all"], used_by=("a",))})
    place = target.image("docker.io/acme/big:1")
    sent: list[str] = []
    upload, allowed = Registry.upload, [2]

    def breaking(self: Registry, repository: str, blob: str, content: Any, size: int) -> None:
        if len(sent) >= allowed[0]:
            raise RegistryError("the connection broke off")
        upload(self, repository, blob, content, size)
        sent.append(blob)

    monkeypatch.setattr(mirroring, "PAUSE_SECONDS", 0)
    monkeypatch.setattr(Registry, "upload", breaking)
    with pytest.raises(RegistryError, match="broke off"):
        Copier(source, target).mirror(wanted)
    assert place.registry.digest(place.repository, place.tag) is None
    allowed[0] = 100
    Copier(source, target).mirror(wanted)
    assert len(sent) == len(set(sent)) == 4
    assert place.registry.digest(place.repository, place.tag) == digests["all"]


def test_content_that_is_not_what_its_digest_says_is_refused(registries: tuple[str, str], filled: dict[str, dict[str, str]]) -> None:
    registry = Registry(registries[0], plain_http=True)
    with pytest.raises(RegistryError, match="HTTP 400 DIGEST_INVALID"):
        registry.upload("docker.io/curlimages/curl", ZEROS, io.BytesIO(b"other"), 5)


@pytest.fixture
def liar() -> Iterator[Registry]:
    """A registry that sends something else than it is asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "5")
            self.end_headers()
            self.wfile.write(b"other")

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Registry(f"127.0.0.1:{server.server_port}", plain_http=True)
        server.shutdown()


def test_a_registry_that_sends_something_else_is_not_believed(liar: Registry) -> None:
    with pytest.raises(RegistryError, match=f"sent sha256:.* for {ZEROS}"):
        liar.manifest("a/b", ZEROS)
    with pytest.raises(RegistryError, match=f"sent sha256:.* for {ZEROS}"):
        liar.download("a/b", ZEROS, io.BytesIO(), lambda count: None)


def test_a_token_is_fetched_where_the_registry_asks_for_one_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The flow of public registries: 401 with a realm, a token from there, the same request again."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if self.path.startswith("/token"):
                self.answer(200, b'{"token": "good"}')
            elif self.headers.get("Authorization") == "Bearer good":
                self.answer(200, b"{}")
            else:
                self.answer(401, b"{}")

        def answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            realm = f"http://{self.headers['Host']}/token"
            self.send_header("WWW-Authenticate", f'Bearer realm="{realm}",service="registry",scope="repository:a/b:pull"')
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        registry = Registry(f"127.0.0.1:{server.server_port}", plain_http=True)
        assert registry.manifest("a/b", "1").content == registry.manifest("a/b", "1").content == b"{}"
        server.shutdown()
    assert asked == ["/v2/a/b/manifests/1", "/token?service=registry&scope=repository%3Aa%2Fb%3Apull", *["/v2/a/b/manifests/1"] * 2]


def test_plain_http_is_for_this_machine_only() -> None:
    with pytest.raises(BlueprintError, match=r"registry\.acme\.example is not on this machine"):
        Registry("registry.acme.example", plain_http=True)


def test_a_registry_nobody_answers_for_is_told_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blueprint.images.registry.RETRIES", False)
    with pytest.raises(RegistryError, match=r"127\.0\.0\.1:9 cannot be reached"):
        Registry("127.0.0.1:9", plain_http=True).manifest("a/b", "1")


# ── archives, places, logins ──


def package(name: str = "keda", version: str = "2.20.2") -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as files:
        text = yaml.dump({"apiVersion": "v2", "name": name, "version": version}).encode()
        entry = tarfile.TarInfo(f"{name}/Chart.yaml")
        entry.size = len(text)
        files.addfile(entry, io.BytesIO(text))
    return content.getvalue()


def test_an_archive_becomes_the_same_manifest_every_time() -> None:
    content = package()
    one, two = archive.turn(content, "keda.tgz"), archive.turn(content, "keda.tgz")
    assert one.manifest.digest == two.manifest.digest
    assert one.manifest.data["layers"][0]["digest"] == digest(content)


def test_what_is_no_chart_is_refused() -> None:
    with pytest.raises(RegistryError, match=r"page\.html is no packaged chart"):
        archive.turn(b"<html>", "page.html")


def test_an_archive_is_copied_as_a_chart_and_a_changed_one_is_not(registries: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    chart = archive.turn(package(), "keda.tgz")
    monkeypatch.setattr(archive, "fetch", lambda url: chart)
    wanted = Lock(platform="all", charts={"keda": Chart(version="2.20.2", digest=chart.manifest.digest)})
    target = Mirror(f"{registries[1]}/archive", plain_http=True)
    Copier(Upstream(), target).mirror(wanted)
    place = target.chart("keda", "2.20.2")
    assert place.registry.manifest(place.repository, place.tag).data["config"]["mediaType"] == archive.CONFIG
    changed = Lock(platform="all", charts={"keda": Chart(version="2.20.2", digest=ZEROS)})
    with pytest.raises(RegistryError, match="has changed since it was locked"):
        Copier(Upstream(), target).mirror(changed)


def test_upstream_places_are_the_makers_own() -> None:
    assert str(Upstream().image(CURL)) == CURL
    assert Upstream().chart("keda", "2.20.2") == "https://kedacore.github.io/charts/keda-2.20.2.tgz"
    assert str(Upstream().chart("cert-manager", "v1.21.1")) == "quay.io/jetstack/charts/cert-manager:v1.21.1"


def test_logins_are_those_of_docker_and_of_azure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    auths = {"a.example": {"auth": "bWU6cGFzcw=="}, "b.azurecr.io": {"auth": "", "identitytoken": "refresh"}}
    (tmp_path / "config.json").write_text(json.dumps({"auths": auths}))
    assert login.find("a.example") == login.Login("me", "pass")
    assert login.find("b.azurecr.io") == login.Login(refresh_token="refresh")
    assert login.find("c.example") is None


# ── the commands ──


@pytest.fixture
def synthesized(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lock, "FOLDER", tmp_path)
    monkeypatch.setattr(commands, "synthesize", lambda name: stack())
    return tmp_path


def test_lock_says_what_changed_and_then_that_nothing_did(
    synthesized: Path, registries: tuple[str, str], filled: dict[str, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    for platform in ("all", "all", "linux/amd64"):
        commands.write_lock("dev", source=registries[0], platform=platform, plain_http=True)
    said = capsys.readouterr().out
    assert f"  added    {CURL}" in said
    assert "dev.images.lock is as it was: 4 images, 1 charts" in said
    assert f"  changed  {CURL}" in said


def test_mirror_without_a_lock_says_what_to_run(synthesized: Path) -> None:
    with pytest.raises(BlueprintError, match="dev is not locked; run: blueprint images lock dev"):
        commands.mirror("dev", source=None, target=None, plain_http=False)


def test_list_as_json_names_what_is_not_locked(synthesized: Path, capsys: pytest.CaptureFixture[str]) -> None:
    commands.show("dev", as_json=True)
    said = json.loads(capsys.readouterr().out)
    assert CURL in said["not_locked"]
    assert said["charts"] == {"keda": "2.20.2"}
