"""Variables of the pipeline that change what tools do, as resources of type `setting`.

`TF_VAR_region` beats a variable's default after a policy has looked, `AWS_REGION` and `SCW_DEFAULT_REGION` place what names no
region, `CKV_*` weakens checkov, `CHECKPOINT_DISABLE` keeps Terraform from calling home. The absence of one can be judged
too: every setting is there under its name or not at all.
"""

import re
from collections.abc import Mapping

from blueprint.facts.model import Resource
from blueprint.facts.values import Sensitive

CONCERNS = re.compile(
    r"TF_\w+|CKV_\w+|BC_\w+|PRISMA_\w+|SCW_\w+|AWS_\w+|ARM_\w+|AZURE_\w+|GOOGLE_\w+|CLOUDSDK_\w+|OS_\w+|OVH_\w+|STACKIT_\w+|IONOS_\w+"
    r"|EXOSCALE_\w+|CDKTF_\w+|CDKTN_\w+|CHECKPOINT_DISABLE|DO_NOT_TRACK|INFRACOST_\w+|HF_\w+|VLLM_\w+|MLFLOW_\w+|HELM_\w+|KUBE\w+"
    r"|(?i:https?_proxy|no_proxy|all_proxy)",
)
SECRET = re.compile(r"(?i).*(?:secret|token|password|passwd|credential|access_key|api_?key|private|client_certificate|sas|connection).*")
_LOGIN_IN_URL = re.compile(r"//[^/@\s]+@")


def settings(env: Mapping[str, str]) -> list[Resource]:
    """The settings of an environment: `setting.TF_VAR_region` with `name` and `value`; what looks like a secret is one."""
    return [_setting(name, value) for name, value in sorted(env.items()) if CONCERNS.fullmatch(name)]


def _setting(name: str, value: str) -> Resource:
    hide = SECRET.fullmatch(name) or _LOGIN_IN_URL.search(value) or name.startswith("TF_VAR_")
    return Resource("setting", f"setting.{name}", {"name": name, "value": Sensitive(value) if hide else value})
