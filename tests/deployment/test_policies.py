"""Who may do what in the stack: the least."""

import pytest

from tests.support.deployment.template import as_list, resources, statements

WILDCARDS = {
    ("Key", "AccountAdministersByIam"): "a key without it cannot be administered by anybody",
    ("Key", "LogGroupsOfThisStack"): "in a key's policy, * is the key itself",
    ("Key", "AlarmsToTheirTopic"): "in a key's policy, * is the key itself",
    ("ModelStore", "NobodyIsRoot"): "it denies",
    ("ModelStore", "OnlyThroughAccessPoints"): "it denies",
    ("ModelStore", "OnlyOverTls"): "it denies",
    ("QueuesOnlyOverTls", "OnlyOverTls"): "it denies",
    ("BucketOnlyOverTls", "OnlyOverTls"): "it denies",
    ("UploadsOnlyOverTls", "OnlyOverTls"): "it denies",
    ("ResultsOnlyOverTls", "OnlyOverTls"): "it denies",
    ("AlarmTopicPolicy", "OnlyOverTls"): "it denies",
    ("NetworkPolicy", "InterfacesForLambda"): "Lambda checks for these actions on every resource",
    ("NetworkPolicy", "NotForTheCodeItself"): "it denies",
    ("TrainingPolicy", "InterfacesForCodeBuild"): "CodeBuild checks for these on every resource",
}

STATEMENTS = [pytest.param(*found, id=f"{found[0]}-{i}") for i, found in enumerate(statements())]


def principals(statement, kind):
    """Who is meant, of a kind: AWS or Service. "*" alone is everybody of any kind."""
    principal = statement.get("Principal", {})
    return [principal] if principal == "*" else as_list(principal.get(kind, []))


def is_wildcard(statement):
    return (
        any("*" in action for action in as_list(statement["Action"]))
        or "*" in as_list(statement.get("Resource", []))
        or "*" in principals(statement, "AWS")
    )


def test_only_reasoned_statements_have_wildcards():
    found = {(name, s.get("Sid")) for name, s in statements() if is_wildcard(s)}
    assert found == set(WILDCARDS)


@pytest.mark.parametrize(("name", "statement"), STATEMENTS)
def test_statements_list_what_they_allow(name, statement):
    assert not {"NotAction", "NotResource", "NotPrincipal"} & set(statement)


@pytest.mark.parametrize(("name", "statement"), STATEMENTS)
def test_shared_services_act_only_for_this_account(name, statement):
    """A service that serves every account could else be made to act by another account's owner."""
    shared = {"codebuild.amazonaws.com", "events.amazonaws.com", "cloudwatch.amazonaws.com"}
    if any(service in principals(statement, "Service") for service in shared):
        assert statement["Condition"]["StringEquals"]["aws:SourceAccount"]


def test_roles_take_no_policy_that_aws_may_widen():
    attached = [
        arn
        for role in resources("AWS::IAM::Role").values()
        for arn in role["Properties"].get("ManagedPolicyArns", ())
    ]
    assert attached
    assert not [arn for arn in attached if isinstance(arn, str)]


def test_function_code_cannot_use_the_network_permissions_of_its_service():
    allowed, denied = (s for name, s in statements() if name == "NetworkPolicy")
    assert denied["Effect"] == "Deny"
    changes = {action for action in allowed["Action"] if ":Describe" not in action}
    assert changes == set(denied["Action"])


class TestModelStore:
    def test_its_own_policy_allows_nobody(self):
        """An access point cannot be named there; the roles' policies name one each."""
        assert {s["Effect"] for name, s in statements() if name == "ModelStore"} == {"Deny"}

    def test_functions_can_only_mount(self):
        readers = [s for name, s in statements() if name == "ReadModels"]
        assert [s["Action"] for s in readers] == ["elasticfilesystem:ClientMount"]
        named = as_list(readers[0]["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"])
        assert named == [{"Fn::GetAtt": ["ReadAccessPoint", "Arn"]}]

    def test_only_the_build_writes(self):
        writers = {
            name
            for name, s in statements()
            if s["Effect"] == "Allow" and "elasticfilesystem:ClientWrite" in as_list(s["Action"])
        }
        assert writers == {"TrainingPolicy"}

    def test_the_file_system_refuses_plain_nfs_and_root_and_takes_no_way_but_its_access_points(
        self,
    ):
        denials = {
            s["Sid"]: s for n, s in statements() if n == "ModelStore" and s["Effect"] == "Deny"
        }
        assert denials["OnlyOverTls"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert denials["NobodyIsRoot"]["Action"] == "elasticfilesystem:ClientRootAccess"
        assert "Condition" not in denials["NobodyIsRoot"]
        no_access_point = {"Null": {"elasticfilesystem:AccessPointArn": "true"}}
        assert denials["OnlyThroughAccessPoints"]["Condition"] == no_access_point

    def test_readers_are_another_user_in_the_writers_group(self):
        points = {n: r["Properties"] for n, r in resources("AWS::EFS::AccessPoint").items()}
        reader, writer = points["ReadAccessPoint"], points["WriteAccessPoint"]
        assert reader["RootDirectory"] == writer["RootDirectory"]
        owner = writer["RootDirectory"]["CreationInfo"]
        assert (owner["OwnerUid"], owner["OwnerGid"]) == tuple(writer["PosixUser"].values())
        assert reader["PosixUser"]["Uid"] not in {"0", owner["OwnerUid"]}
        assert reader["PosixUser"]["Gid"] == owner["OwnerGid"] != "0"
        assert owner["Permissions"] == "0750"  # the group reads, the others nothing

    def test_only_the_build_reads_the_signing_key(self):
        readers = {n for n, s in statements() if "secretsmanager:GetSecretValue" in str(s)}
        assert readers == {"TrainingPolicy"}
        assert "SecretString" not in resources()["SigningKey"]["Properties"]


class TestTraining:
    def test_the_build_cannot_change_what_it_builds_next(self):
        writes = [
            s
            for name, s in statements()
            if name == "TrainingPolicy" and "s3:PutObject" in as_list(s["Action"])
        ]
        assert [s["Resource"] for s in writes] == [{"Fn::Sub": "${Bucket.Arn}/reports/*"}]
        assert resources()["Bucket"]["Properties"]["VersioningConfiguration"] == {
            "Status": "Enabled"
        }

    def test_the_signing_key_is_in_no_environment_but_that_of_who_signs(self):
        variables = resources()["Training"]["Properties"]["Environment"]["EnvironmentVariables"]
        assert "SECRETS_MANAGER" not in {one.get("Type") for one in variables}
        assert "HEADRACE_MODEL_SIGNING_KEY" not in {one["Name"] for one in variables}


class TestUploads:
    def test_the_detector_reads_uploads_and_writes_results_and_nothing_else(self):
        allowed = [
            (action, resource)
            for name, s in statements()
            if name == "ObjectDetectorRole"
            for action in as_list(s["Action"])
            for resource in map(str, as_list(s.get("Resource", "")))
            if action.startswith("s3:")
        ]
        assert {action for action, resource in allowed if "Upload" in resource} == {
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListBucket",
            "s3:ListBucketVersions",
        }
        assert {action for action, resource in allowed if "Result" in resource} == {"s3:PutObject"}
        assert all("UploadBucket" in r or "ResultBucket" in r for _, r in allowed)

    def test_only_the_rule_of_this_bucket_calls_the_detector(self):
        permission = resources()["UploadPermission"]["Properties"]
        assert permission["SourceArn"] == {"Fn::GetAtt": ["UploadRule", "Arn"]}
        rule = resources()["UploadRule"]["Properties"]
        assert rule["EventPattern"]["detail"] == {"bucket": {"name": [{"Ref": "UploadBucket"}]}}
        assert rule["Targets"][0]["Arn"] == permission["FunctionName"]

    def test_a_drawing_starts_no_detector(self):
        told = resources()["ResultBucket"]["Properties"]
        assert "NotificationConfiguration" not in told
