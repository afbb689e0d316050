"""A stand-in for the Helm provider that hands each release of our own chart to the real Helm, on a real API server.

Charts of others cannot be fetched here. They are recorded and not installed; their `status` says so.

$STANDIN_HELM       the `helm` program
$STANDIN_KUBECONFIG the cluster that takes the place of the one whose address the cloud's stand-in made up
$STANDIN_WARNINGS   a file for what Helm and the API server warn about, a line each, with its release
"""

from blueprint.rehearsal import standin


def serve(name: str, folder: str) -> None:
    """Be the Helm provider."""
    from tests.e2e.helm_provider.provider import HelmProvider

    standin.serve(name, folder, HelmProvider)
