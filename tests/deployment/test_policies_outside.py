"""Nothing comes into the stack from outside but who says who it is."""

import json

from tests.support.deployment.template import as_list, load, resources, statements, walk


def test_nothing_comes_in_but_from_a_group_of_the_stack():
    rules = [
        rule
        for group in resources("AWS::EC2::SecurityGroup").values()
        for rule in group["Properties"].get("SecurityGroupIngress", ())
    ]
    rules += [r["Properties"] for r in resources("AWS::EC2::SecurityGroupIngress").values()]
    assert rules
    for rule in rules:
        assert rule["SourceSecurityGroupId"]["Ref"] in resources("AWS::EC2::SecurityGroup")
        assert not {"CidrIp", "CidrIpv6", "SourcePrefixListId"} & set(rule)
        assert rule["FromPort"] == rule["ToPort"]


def test_only_known_ports_are_open():
    ports = {
        node["FromPort"]
        for name, group in resources().items()
        for node in walk(group)
        if "FromPort" in node
    }
    assert ports == {80, 443, 2049, 9098}  # http(s) outward, NFS, Kafka with IAM


def test_nothing_is_public():
    template = load()
    assert not resources("AWS::Lambda::Url")
    assert not [n for n in walk(template["Resources"]) if n.get("MapPublicIpOnLaunch")]
    assert not [n for n in walk(template["Resources"]) if "FunctionUrlConfig" in n]
    cluster = template["Resources"]["ProvisionedCluster"]["Properties"]
    assert cluster["BrokerNodeGroupInfo"]["ConnectivityInfo"]["PublicAccess"]["Type"] == "DISABLED"
    assert cluster["ClientAuthentication"]["Unauthenticated"]["Enabled"] is False
    for bucket in resources("AWS::S3::Bucket").values():
        block = bucket["Properties"]["PublicAccessBlockConfiguration"]
        assert list(block.values()) == [True] * 4
        assert len(block) == 4


def test_every_route_asks_who_calls():
    routes = resources("AWS::ApiGatewayV2::Route")
    assert len(routes) == 2
    for route in routes.values():
        assert route["Properties"]["AuthorizationType"] == {"Fn::If": ["UsesJwt", "JWT", "AWS_IAM"]}


def test_mutual_tls_leaves_no_way_around_it():
    api = resources()["Api"]["Properties"]
    assert api["DisableExecuteApiEndpoint"] == {"Fn::If": ["HasTruststore", True, False]}


def test_functions_run_in_private_subnets_only():
    private = {"PrivateSubnetA", "PrivateSubnetB", "PrivateSubnetC"}
    lists = [n["SubnetIds"] for n in walk(resources()) if "SubnetIds" in n]
    lists += [n["Subnets"] for n in walk(resources()) if "Subnets" in n]
    for subnets in lists:
        assert {n["Ref"] for n in walk(subnets) if "Ref" in n} - {"AWS::NoValue"} == private


def test_whatever_is_asked_in_the_clear_is_refused():
    """A list of actions would leave out one that comes later."""
    denials = {
        name: as_list(s["Action"])
        for name, s in statements()
        if s.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
    }
    mount = "elasticfilesystem:Client"
    assert denials == {
        "BucketOnlyOverTls": ["s3:*"],
        "UploadsOnlyOverTls": ["s3:*"],
        "ResultsOnlyOverTls": ["s3:*"],
        "QueuesOnlyOverTls": ["sqs:*"],
        "AlarmTopicPolicy": ["sns:Publish"],  # the service takes no wildcard, and needs no other
        "ModelStore": [f"{mount}Mount", f"{mount}Write", f"{mount}RootAccess"],
    }


def test_the_log_of_the_api_says_who_called():
    log = resources()["ApiStage"]["Properties"]["AccessLogSettings"]["Format"]
    for way in ("identity.userArn", "authorizer.claims.sub", "identity.clientCert.subjectDN"):
        assert f"$context.{way}" in log
    assert json.loads(log).keys() > {"time", "caller", "route", "status"}


def test_slow_images_cannot_take_the_concurrency_of_the_whole_account():
    detector = resources()["ObjectDetector"]["Properties"]
    bound = detector["ReservedConcurrentExecutions"]
    assert bound["Fn::If"][:2] == ["BoundsDetector", {"Ref": "DetectorMaximum"}]
    assert 0 < load()["Parameters"]["DetectorMaximum"]["Default"] <= 100
