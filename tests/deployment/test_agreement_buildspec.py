"""The buildspec, the template and the code mean the same things by the same names."""

import re

import yaml

from headrace.store.settings import PublisherSettings
from tests.support.deployment.names import names
from tests.support.deployment.template import ROOT, load, resources


class TestBuildspec:
    spec = yaml.safe_load((ROOT / "training/buildspec.yml").read_text())
    own = spec["env"]["variables"]
    project = resources()["Training"]["Properties"]

    def commands(self):
        return "\n".join(c for phase in self.spec["phases"].values() for c in phase["commands"])

    def test_the_project_runs_it_from_either_source(self):
        _, in_s3, in_repository = self.project["Source"]["Fn::If"]
        for source in (in_s3, in_repository):
            assert (ROOT / source["BuildSpec"]).is_file()

    def test_the_project_sets_nothing_that_is_not_read(self):
        given = {v["Name"] for v in self.project["Environment"]["EnvironmentVariables"]}
        assert given <= set(self.own) | names([PublisherSettings])

    def test_it_uses_every_variable_that_it_has(self):
        passed_on = self.commands() + self.own["RUN"]
        scripts = ("docker/build.sh", "training/with_signing_key.sh")
        by_scripts = "".join((ROOT / script).read_text() for script in scripts)
        unused = [n for n in self.own if f"${n}" not in passed_on and n not in by_scripts]
        assert unused == []

    def test_the_container_gets_the_publishers_settings(self):
        passed = set(re.findall(r"--env (\w+)", self.own["RUN"]))
        assert names([PublisherSettings]) - passed <= {
            "HEADRACE_MODEL_REFRESH_SECONDS",
            "HEADRACE_MODEL_SIGNATURES_REQUIRED",  # of who serves
            "HEADRACE_MODEL_TRIAL_SECONDS",
        }
        assert passed <= names([PublisherSettings])

    def test_the_container_sees_the_model_store_and_the_report_folder(self):
        mounts = re.findall(r"--volume (\S+):(\S+)", self.own["RUN"])
        assert mounts == [(self.own[n],) * 2 for n in ("HEADRACE_MODEL_ROOT", "REPORTS")]
        assert self.spec["artifacts"]["base-directory"] == self.own["REPORTS"]

    def test_the_signing_key_comes_from_its_secret(self):
        given = self.project["Environment"]["EnvironmentVariables"]
        (secret,) = [v for v in given if v["Name"] == "SIGNING_KEY_SECRET"]
        assert secret["Value"] == {"Ref": "SigningKey"}
        assert self.own["SIGNING_KEY_SECRET"] == ""
        assert "HEADRACE_MODEL_SIGNING_KEY" not in self.own

    def test_the_detectors_presets_are_those_of_the_code(self):
        from training.detector.presets import PRESETS

        allowed = load()["Parameters"]["DetectorPreset"]["AllowedValues"]
        assert set(allowed) == {*PRESETS, "objects", "none"}

    def test_the_package_of_real_objects_is_the_one_that_the_code_knows(self):
        from training.detector.importing.open_images import PACKAGE

        assert self.own["OBJECTS_PACKAGE"] == PACKAGE

    def test_the_files_that_it_reads_exist(self):
        files = re.findall(r"<(\S+\.json)", self.commands())
        assert files
        assert [f for f in files if not (ROOT / f).is_file()] == []

    def test_a_phase_that_fails_ends_the_build(self):
        assert {p["on-failure"] for p in self.spec["phases"].values()} == {"ABORT"}
