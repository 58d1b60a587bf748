"""`SchemaRegistryConfig` of a template, as settings of the mapping."""

import pytest

from headrace.errors import SettingsError
from headrace.plan.unknown import Unknown
from headrace.sam.schema_registry import read_registry

CONFIG = {
    "SchemaRegistryURI": "https://registry.example",
    "EventRecordFormat": "JSON",
    "SchemaValidationConfigs": [{"Attribute": "KEY"}, {"Attribute": "VALUE"}],
}
SECRET = "arn:aws:secretsmanager:eu-west-1:1:secret:registry"
GLUE = "arn:aws:glue:eu-west-1:123456789012:registry/shop"


def values(**changes):
    given, notes = read_registry({**CONFIG, **changes}, "E.SchemaRegistryConfig")
    return {name: one.value for name, one in given.items()}, notes


def test_it_becomes_settings_with_their_places():
    given, notes = read_registry(CONFIG, "E.SchemaRegistryConfig")
    assert {name: one.value for name, one in given.items()} == {
        "event_record_format": "JSON",
        "schema_validation_attributes": "KEY,VALUE",
        "schema_registry_url": "https://registry.example",
    }
    assert given["schema_registry_url"].origin == "E.SchemaRegistryConfig.SchemaRegistryURI"
    assert not notes


def test_a_registry_of_glue_is_that_of_its_region():
    assert values(SchemaRegistryURI=GLUE)[0]["schema_registry_url"] == "glue://eu-west-1"


def test_secrets_are_named_by_their_types():
    access = [{"Type": "BASIC_AUTH", "URI": SECRET}]
    given, _ = values(AccessConfigs=access)
    assert given["schema_registry_access"] == f"BASIC_AUTH={SECRET}"


def test_what_aws_alone_knows_is_asked_for_by_flag():
    unknown = Unknown("!Ref Secret")
    given, notes = values(
        SchemaRegistryURI=Unknown("!GetAtt Registry.Arn"),
        AccessConfigs=[{"Type": "BASIC_AUTH", "URI": unknown}],
    )
    assert str(given["schema_registry_url"]) == "!GetAtt Registry.Arn"
    assert "schema_registry_access" not in given
    assert "AccessConfigs: !Ref Secret is known on AWS only: sign in by" in notes[0]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"SchemaRegistryURI": None}, ": SchemaRegistryURI is missing"),
        ({"SchemaRegistryURI": "registry"}, ".SchemaRegistryURI: expected the ARN of a Glue reg"),
        ({"EventRecordFormat": "AVRO"}, ".EventRecordFormat: "),
        ({"SchemaValidationConfigs": []}, ".SchemaValidationConfigs: "),
        ({"SchemaValidationConfigs": [{"Attribute": "HEADER"}]}, "[0].Attribute: "),
        ({"AccessConfigs": [{"Type": "OAUTH", "URI": SECRET}]}, ".AccessConfigs[0].Type: "),
        ({"Sources": []}, ": there is no 'Sources'"),
    ],
)
def test_what_is_wrong_is_one_line_with_its_place(changes, why):
    with pytest.raises(SettingsError) as raised:
        values(**changes)
    assert str(raised.value).startswith("E.SchemaRegistryConfig")
    assert why in str(raised.value)
