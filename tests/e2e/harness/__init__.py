"""A real Kubernetes control plane on loopback, with nodes that look like ours.

| module | what |
|---|---|
| `tools` | where the built programs are |
| `processes` | servers that never outlive the test run |
| `cluster` | a running cluster and what tests ask of it |
| `control_plane`, `pki` | how etcd, API server, controller manager, scheduler and kwok are started, and their keys |
| `nodes` | the nodes of an environment |
| `crds` | the custom resource definitions our charts bring |
| `helm` | the real Helm, as the Helm provider uses it |
"""
