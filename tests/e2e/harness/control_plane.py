"""How each process of a control plane is started."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from subprocess import Popen

from tests.e2e.harness.pki import FRONT_PROXY, Pki
from tests.e2e.harness.processes import free_port, listens, running
from tests.e2e.harness.tools import tool

Server = AbstractContextManager["Popen[bytes]"]
STAGES = Path(__file__).parent / "stages.yaml"
SERVICE_ADDRESSES = "10.96.0.0/16"


@contextmanager
def etcd(folder: Path, logs: Path) -> Iterator[str]:
    """Yields its address. Nothing is synced to disk: nobody needs these data tomorrow."""
    client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
    command: list[str | Path] = [
        tool("etcd"),
        f"--data-dir={folder / 'etcd'}",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
        "--unsafe-no-fsync",
        "--log-level=warn",
    ]
    with running(command, logs / "etcd.log", ready=listens(int(client.rsplit(":", 1)[1]))):
        yield client


def api_server(folder: Path, logs: Path, server: str, keys: Pki, token: str, database: str, ready: Callable[[], bool]) -> Server:
    """With the admission plugins a cluster has by default, Pod Security among them, and role-based access."""
    tokens = folder / "tokens.csv"
    tokens.write_text(f'{token},administrator,administrator,"system:masters"\n')
    command: list[str | Path] = [
        tool("kube-apiserver"),
        "--bind-address=127.0.0.1",
        f"--secure-port={server.rsplit(':', 1)[1]}",
        f"--etcd-servers={database}",
        f"--tls-cert-file={keys.certificate('apiserver')}",
        f"--tls-private-key-file={keys.key('apiserver')}",
        f"--client-ca-file={keys.certificate('ca')}",
        f"--requestheader-client-ca-file={keys.certificate('ca')}",
        f"--requestheader-allowed-names={FRONT_PROXY}",
        "--requestheader-username-headers=X-Remote-User",
        "--requestheader-group-headers=X-Remote-Group",
        "--requestheader-extra-headers-prefix=X-Remote-Extra-",
        f"--proxy-client-cert-file={keys.certificate(FRONT_PROXY)}",
        f"--proxy-client-key-file={keys.key(FRONT_PROXY)}",
        f"--token-auth-file={tokens}",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-signing-key-file={keys.key('service-accounts')}",
        f"--service-account-key-file={keys.key('service-accounts')}",
        f"--service-cluster-ip-range={SERVICE_ADDRESSES}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged",
        "--endpoint-reconciler-type=none",
        "--request-timeout=5m",  # a busy machine is slow, not broken
    ]
    return running(command, logs / "kube-apiserver.log", ready=ready)


def controller_manager(logs: Path, kubeconfig: Path, keys: Pki, flags: Sequence[str]) -> Server:
    """All controllers of a cluster without a cloud, the horizontal pod autoscaler among them."""
    port = free_port()
    command: list[str | Path] = [
        tool("kube-controller-manager"),
        *_as_client(kubeconfig, port),
        f"--service-account-private-key-file={keys.key('service-accounts')}",
        f"--root-ca-file={keys.certificate('ca')}",
        "--use-service-account-credentials",
        *flags,
    ]
    return running(command, logs / "kube-controller-manager.log", ready=listens(port))


def scheduler(logs: Path, kubeconfig: Path) -> Server:
    port = free_port()
    return running([tool("kube-scheduler"), *_as_client(kubeconfig, port)], logs / "kube-scheduler.log", ready=listens(port))


def kubelets(folder: Path, logs: Path, kubeconfig: Path) -> Server:
    """kwok for all nodes; `stages.yaml` says what becomes of nodes, pods and volumes."""
    command: list[str | Path] = [
        tool("kwok"),
        f"--kubeconfig={kubeconfig}",
        f"--config={STAGES}",
        "--manage-all-nodes",
        "--node-ip=127.0.0.1",
        "--node-lease-duration-seconds=40",
    ]
    return running(command, logs / "kwok.log", environment={"HOME": str(folder)})


def _as_client(kubeconfig: Path, port: int) -> list[str]:
    """Who may ask these processes is asked of the API server too; one of each needs no election."""
    files = [f"--{name}={kubeconfig}" for name in ("kubeconfig", "authentication-kubeconfig", "authorization-kubeconfig")]
    return [*files, "--bind-address=127.0.0.1", f"--secure-port={port}", "--leader-elect=false"]
