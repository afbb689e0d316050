"""Variables of the pipeline as something to judge."""

from blueprint.facts import Sensitive
from blueprint.facts.settings import settings


def test_what_tools_listen_to_is_a_setting_and_the_rest_is_not() -> None:
    env = {
        "AWS_REGION": "us-east-1",
        "CKV_SOFT": "1",
        "CHECKPOINT_DISABLE": "1",
        "PATH": "/bin",
        "HTTPS_PROXY": "http://proxy.eu",
        "LANG": "C",
    }
    assert {setting.first("name"): setting.first("value") for setting in settings(env)} == {
        "AWS_REGION": "us-east-1",
        "CKV_SOFT": "1",
        "CHECKPOINT_DISABLE": "1",
        "HTTPS_PROXY": "http://proxy.eu",
    }


def test_secrets_and_variables_of_terraform_are_not_printed_but_can_be_compared() -> None:
    env = {"ARM_CLIENT_SECRET": "hunter2", "TF_VAR_region": "hunter2", "SCW_SECRET_KEY": "hunter2", "HTTPS_PROXY": "http://u:hunter2@proxy"}
    found = settings(env)
    assert "hunter2" not in repr(found)
    assert {setting.first("value") for setting in found} == {Sensitive("hunter2"), Sensitive("http://u:hunter2@proxy")}
