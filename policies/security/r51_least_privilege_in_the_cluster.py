"""Nobody in the cluster may do everything.

A role with wildcards, or a binding to cluster-admin, makes one stolen token the whole platform: all secrets, all prompts in
memory, all logs.
"""

from collections.abc import Iterator, Mapping

from blueprint.facts import Resource
from blueprint.kubernetes import listed
from blueprint.policy import Scope, Verdict, fails, passes, rule

ROLES = ("k8s.Role", "k8s.ClusterRole")
BINDINGS = ("k8s.RoleBinding", "k8s.ClusterRoleBinding")
EVERYTHING = ("cluster-admin",)
EVERYBODY = ("system:anonymous", "system:unauthenticated", "system:authenticated", "system:masters")
NEXT = "name the verbs and resources that are needed"


@rule(
    "R51",
    "no role in the cluster may do everything",
    looks_at=[*ROLES, *BINDINGS],
    basis="Art. 25, 32 GDPR",
    controls=["C5:2020 IDM-01", "C5:2020 IDM-06", "ISO 27001:2022 5.15", "ISO 27001:2022 8.2", "CIS K8s 5.1"],
    severity="MEDIUM",
)
def check(resource: Resource, scope: Scope) -> Iterator[Verdict]:
    """Roles for wildcards, bindings for whom they make omnipotent."""
    found = list(_role(resource) if resource.type in ROLES else _binding(resource))
    yield from found or [passes(resource)]


def _role(role: Resource) -> Iterator[Verdict]:
    for index, entry in enumerate(listed(role.attributes.get("rules"))):
        if not isinstance(entry, Mapping):
            continue
        for key in ("verbs", "resources", "apiGroups"):
            if "*" in listed(entry.get(key)):
                yield fails(role, f"rules[{index}].{key}", "*", "a wildcard grants what does not exist yet, too", "names", NEXT)


def _binding(binding: Resource) -> Iterator[Verdict]:
    if binding.first("roleRef.name") in EVERYTHING:
        yield fails(binding, "roleRef.name", "cluster-admin", "the subject may read every secret", "a role of its own", NEXT)
    for found in binding.each("subjects.name"):
        if found.value in EVERYBODY:
            yield fails(binding, found.path, found.value, "this is everybody, or nobody in particular", "a service account or group", NEXT)
