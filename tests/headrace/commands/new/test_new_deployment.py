"""`headrace new`: the stack and the image of a project are sound and do what its files say."""

import re
import shlex

import pytest

from headrace.cli import main
from headrace.commands.new.answers import Answers
from headrace.commands.new.project import files_of
from tests.support.installed import ROOT
from tests.support.new_projects import VARIANTS, check

PARAMETERS = {  # what a person gives who deploys
    "ClusterArn": "arn:aws:kafka:eu-west-1:123456789012:cluster/c/1-2",
    "AWS::StackName": "shop",
    "AWS::Region": "eu-west-1",
    "ModelAccessPoint": "arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1",
    "SubnetIds": "subnet-1",
    "SecurityGroupIds": "sg-1",
}


def test_its_stack_is_short(project):
    assert len((project / "template.yaml").read_text().splitlines()) <= 150


def test_its_role_may_do_nothing_everywhere(project):
    _, *behind = (project / "template.yaml").read_text().split('Resource: "*"\n')
    assert all("elasticfilesystem:AccessPointArn" in text.splitlines()[0] for text in behind)


@pytest.mark.slow(seconds=5)
def test_all_stacks_are_sound(tmp_path):
    templates = []
    for source, model in VARIANTS:
        text = files_of(Answers("shop", source, model))["template.yaml"]
        templates.append(tmp_path / f"{source}-{model}.yaml")
        templates[-1].write_text(text)
    check(deploy_tool("cfn-lint"), *templates, cwd=tmp_path)


@pytest.mark.parametrize("variant", [pair for pair in VARIANTS if "http" not in pair], ids="-".join)
def test_its_stack_runs_here_as_it_is(project, variant, capsys):
    source, model = variant
    flags = {"kafka": ("--kafka", "127.0.0.1:9092"), "kinesis": ("--kinesis", "orders")}[source]
    template = (project / "template.yaml").read_text()
    given = [
        word
        for name, value in PARAMETERS.items()
        if name.startswith("AWS::") or f"\n  {name}:\n" in template
        for word in ("--parameter", f"{name}={value}")
    ]
    command = ["run", str(project / "template.yaml"), *flags, *given, "--on-failure-url", "file:x"]
    assert main([*command, "--dry-run"]) == 0, capsys.readouterr().err
    worker = "orders" if model == "none" else "houses"
    assert f"handler: workers.{worker}:handler" in capsys.readouterr().out


def test_what_its_readme_says_of_its_stack_works_with_what_it_installs(
    project, variant, monkeypatch, capsys
):
    monkeypatch.chdir(project)
    readme = (project / "README.md").read_text()
    commands = re.findall(r"^\.venv/bin/headrace (run .*)$", readme, re.MULTILINE)
    assert len(commands) == (variant[0] != "http")
    for command in commands:
        assert main(shlex.split(command)) == 0, capsys.readouterr().err
        assert "sam" in re.findall(r"\w+", (project / "requirements/dev.in").read_text())


def test_its_dockerfile_is_sound(project):
    check(deploy_tool("hadolint"), "docker/Dockerfile", cwd=project)


def test_its_dockerfile_is_for_any_builder(project):
    """What `sam build` takes of itself knows no mounts."""
    assert "--mount" not in (project / "docker/Dockerfile").read_text()


def test_all_that_is_copied_into_the_image_is_in_the_build_context(project):
    copied = re.findall(r"^COPY (?!--)(\S+)", (project / "docker/Dockerfile").read_text(), re.M)
    allowed = (project / ".dockerignore").read_text().splitlines()
    assert {f"!{path}" for path in copied} <= set(allowed)


def deploy_tool(name):
    path = ROOT / ".venv-deploy/bin" / name
    if not path.exists():
        pytest.skip("the tools of deployment are not installed: make .venv-deploy/tools")
    return path
