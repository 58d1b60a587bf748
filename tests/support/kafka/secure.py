"""A real Kafka that asks who is there: SASL over TLS on one port, certificates on another."""

from pathlib import Path

from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from headrace.testing.brokers.apache_kafka import KafkaBroker
from headrace.testing.brokers.jars import QUICK_JVM
from headrace.testing.brokers.process import free_ports
from tests.support.certificates import Authority

USER = "reader"
PASSWORD = "p,ss='w\"rd"

_JAAS = "org.apache.kafka.common.security"


class SecureKafka:
    """A broker with three doors.

    Attributes:
        bootstrap: without any protection, for the test itself.
        sasl: SASL_SSL, for USER with PASSWORD.
        tls: SSL, for clients with a certificate of the authority.
        authority: who signed the broker's certificate, and signs the clients'.
    """

    def __init__(self, folder: Path) -> None:
        first = free_ports(4)
        self.authority = Authority(folder)
        self.bootstrap = f"127.0.0.1:{first}"
        self.sasl, self.tls = f"127.0.0.1:{first + 2}", f"127.0.0.1:{first + 3}"
        certificate, key = self.authority.issue("broker")
        keystore = folder / "keystore.pem"
        keystore.write_bytes(key.read_bytes() + certificate.read_bytes())
        doors = (
            f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{first + 1},"
            f"SASL_SSL://{self.sasl},SSL://{self.tls}"
        )
        escaped = PASSWORD.replace('"', r'\\"')
        self.broker = KafkaBroker(
            folder / "broker",
            port=first,
            jvm=QUICK_JVM,
            properties={
                "listeners": doors,
                "advertised.listeners": doors,
                "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,"
                "SASL_SSL:SASL_SSL,SSL:SSL",
                "ssl.keystore.type": "PEM",
                "ssl.keystore.location": str(keystore),
                "ssl.truststore.type": "PEM",
                "ssl.truststore.location": str(self.authority.file),
                "listener.name.ssl.ssl.client.auth": "required",
                "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
                "listener.name.sasl_ssl.plain.sasl.jaas.config": f"{_JAAS}.plain.PlainLoginModule"
                f' required user_{USER}="{escaped}";',
                **{
                    f"listener.name.sasl_ssl.scram-sha-{bits}.sasl.jaas.config": f"{_JAAS}.scram."
                    "ScramLoginModule required;"
                    for bits in (256, 512)
                },
                "listener.name.sasl_ssl.oauthbearer.sasl.jaas.config": f"{_JAAS}.oauthbearer."
                'OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
            },
        )

    def add_user(self) -> None:
        """Make the user known to both kinds of SCRAM."""
        admin = AdminClient({"bootstrap.servers": self.bootstrap})
        changes = [
            UserScramCredentialUpsertion(USER, ScramCredentialInfo(kind, 4096), PASSWORD.encode())
            for kind in (ScramMechanism.SCRAM_SHA_256, ScramMechanism.SCRAM_SHA_512)
        ]
        for change in changes:
            admin.alter_user_scram_credentials([change])[USER].result(30)
