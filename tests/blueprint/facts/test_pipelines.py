"""Pipelines beside a stack are read as data: commands one by one, documents in scripts, variables as settings."""

from pathlib import Path

import pytest

from blueprint.facts.kubernetes import manifests
from blueprint.facts.pipelines import is_pipeline, pipeline

NAMES = (".gitlab-ci.yml", ".github/workflows/plan.yaml", "ci/azure-pipelines.yml", "bitbucket-pipelines.yml", ".circleci/config.yml")


@pytest.mark.parametrize("name", [*NAMES, ".woodpecker.yml", "Jenkinsfile", ".tekton/push.yaml", "build.gitlab-ci.yml"])
def test_the_files_of_popular_systems_are_pipelines(name: str) -> None:
    assert is_pipeline(name)


@pytest.mark.parametrize("name", ["manifests/api.yaml", "cdk.tf.json", ".github/dependabot.yml", "values.yaml"])
def test_other_files_are_none(name: str) -> None:
    assert not is_pipeline(name)


SCRIPT = """job:
  script:
    - |
      cat > x <<'END'
      {"location": "eastus"}
      END
      a \\
        b && c | d
"""


def test_a_script_is_its_commands_and_its_documents(tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text(SCRIPT)
    [found], problems = pipeline(file, file.name)
    document = {"document": {"location": "eastus"}}
    assert found.attributes["job"]["script"] == [[document, *_commands("cat > x", "a b", "c", "d")]]
    assert problems == []


def _commands(*names: str) -> list[dict[str, str]]:
    return [{"command": name} for name in names]


def test_variables_of_jobs_and_of_scripts_are_settings(tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text("variables: {AWS_REGION: eu-west-3, CI_DEBUG: true}\njob:\n  script: [export SCW_DEFAULT_ZONE=fr-par-1]\n")
    found = {one.first("name"): one.first("value").value for one in pipeline(file, file.name)[0] if one.type == "setting"}
    assert found == {"AWS_REGION": "eu-west-3", "CI_DEBUG": "true", "SCW_DEFAULT_ZONE": "fr-par-1"}


def test_the_pipelines_own_variables_stand_in_its_commands(tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text("variables: {STORE: evidence.acme.internal}\njob: {script: ['curl -T plan https://${STORE}/ $OTHER']}\n")
    found = pipeline(file, file.name)[0][0]
    assert found.attributes["job"]["script"] == [_commands("curl -T plan https://evidence.acme.internal/ $OTHER")]


def test_values_given_to_a_chart_are_data(tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text("job: {script: ['helm upgrade a b --set x.host=a.eu,y=1 --set-string z=2']}\n")
    values = {"x.host": "a.eu", "y": "1", "z": "2"}
    assert pipeline(file, file.name)[0][0].attributes["job"]["script"] == [[{"values": values}, *_commands("helm upgrade a b")]]


def test_a_jenkinsfile_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "Jenkinsfile"
    file.write_text("agent { docker { image 'python:3' } }\nenvironment { AWS_REGION = 'us-east-1' }\n")
    found, _ = pipeline(file, file.name)
    assert found[0].attributes["agents"] == [{"image": "python:3"}]
    assert [one.first("name") for one in found[1:]] == ["AWS_REGION"]


def test_an_object_in_a_file_that_is_called_like_a_pipeline_is_an_object(tmp_path: Path) -> None:
    (tmp_path / "azure-pipelines-agent.yaml").write_text("apiVersion: v1\nkind: Service\nmetadata: {name: agent}\n")
    (tmp_path / ".gitlab-ci.yml").write_text("job: {script: [make]}\n")
    found, problems = manifests(tmp_path)
    assert [resource.type for resource in found] == ["pipeline", "k8s.Service"]
    assert problems == []


def test_a_broken_pipeline_is_a_problem_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / ".gitlab-ci.yml"
    file.write_text("job:\n  script: [a\n")
    assert [problem.file for problem in pipeline(file, file.name)[1]] == [".gitlab-ci.yml"]
