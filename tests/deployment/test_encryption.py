"""All that stores or sends data is encrypted, with the stack's own key."""

import pytest

from tests.support.deployment.template import resources, statements

KEY = {"Fn::GetAtt": ["Key", "Arn"]}

# By type: the path to the property that names the key.
KEY_OF = {
    "AWS::EFS::FileSystem": ("KmsKeyId",),
    "AWS::Kinesis::Stream": ("StreamEncryption", "KeyId"),
    "AWS::SQS::Queue": ("KmsMasterKeyId",),
    "AWS::SNS::Topic": ("KmsMasterKeyId",),
    "AWS::Logs::LogGroup": ("KmsKeyId",),
    "AWS::SecretsManager::Secret": ("KmsKeyId",),
    "AWS::CodeBuild::Project": ("EncryptionKey",),
    "AWS::MSK::Cluster": ("EncryptionInfo", "EncryptionAtRest", "DataVolumeKMSKeyId"),
    "AWS::S3::Bucket": (
        *("BucketEncryption", "ServerSideEncryptionConfiguration", 0),
        *("ServerSideEncryptionByDefault", "KMSMasterKeyID"),
    ),
}

# Types with nothing to encrypt. MSK Serverless is: it always is, and takes no key.
NOTHING_STORED = {
    "AWS::KMS::Key",
    "AWS::MSK::ServerlessCluster",
    "AWS::MSK::Configuration",
    "AWS::EFS::AccessPoint",
    "AWS::EFS::MountTarget",
    "AWS::Events::Rule",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::Serverless::Function",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Permission",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::Dashboard",
    "Custom::KafkaTopic",
}
_PREFIXES = ("AWS::EC2::", "AWS::IAM::", "AWS::ApiGatewayV2::")


@pytest.mark.parametrize("name", resources(*KEY_OF))
def test_stored_data_is_encrypted_with_the_stacks_key(name):
    resource = resources()[name]
    value = resource["Properties"]
    for step in KEY_OF[resource["Type"]]:
        value = value[step]
    assert value == KEY


def test_every_type_was_thought_of():
    types = {r["Type"] for r in resources().values()}
    known = set(KEY_OF) | NOTHING_STORED
    assert {t for t in types - known if not t.startswith(_PREFIXES)} == set()


def test_switches_beside_the_key_are_on():
    found = {name: r.get("Properties") for name, r in resources().items()}
    assert found["Key"]["EnableKeyRotation"] is True
    assert found["ModelStore"]["Encrypted"] is True
    assert found["KinesisStream"]["StreamEncryption"]["EncryptionType"] == "KMS"
    in_transit = found["ProvisionedCluster"]["EncryptionInfo"]["EncryptionInTransit"]
    assert in_transit == {"ClientBroker": "TLS", "InCluster": True}
    domain = found["ApiDomain"]["DomainNameConfigurations"][0]
    assert domain["SecurityPolicy"] == "TLS_1_2"


@pytest.mark.parametrize(
    "name",
    [
        "ModelStore",
        "BucketOnlyOverTls",
        "UploadsOnlyOverTls",
        "ResultsOnlyOverTls",
        "QueuesOnlyOverTls",
    ],
)
def test_what_could_be_asked_in_the_clear_refuses_it(name):
    denials = [s for owner, s in statements() if owner == name and s["Effect"] == "Deny"]
    conditions = [s.get("Condition") for s in denials]
    assert {"Bool": {"aws:SecureTransport": "false"}} in conditions
