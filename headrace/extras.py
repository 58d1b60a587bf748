"""Which extra brings what is not installed, in one line with the command that brings it."""

from headrace.errors import HeadraceError

_BROUGHT_BY = {
    "ai_edge_litert": "litert",
    "aws_lambda_powertools": "lambda",
    "awslambdaric": "lambda",
    "boto3": "aws",
    "botocore": "aws",
    "confluent_kafka": "kafka",
    "cryptography": "signing",
    "fastavro": "schemas",
    "granian": "serve",
    "grpc_tools": "protoc",
    "jsonschema_rs": "schemas",
    "moto": "testing",
    "multipart": "images",
    "onnxruntime": "onnx",
    "PIL": "images",
    "prometheus_client": "metrics",
    "psycopg": "postgres",
    "pytest": "testing",
    "redis": "redis",
    "rich": "progress",
    "tensorflow": "tensorflow",
    "urllib3": "serve",
    "watchfiles": "reload",
    "xgboost": "xgboost",
    "yaml": "sam",
}


def needs(extra: str, error: ModuleNotFoundError) -> HeadraceError:
    """The error to raise if a package of an extra is not installed.

    Args:
        extra: the extra that brings it.
        error: what its import raised.
    """
    return HeadraceError(f"{error.name} is not installed: pip install 'headrace[{extra}]'")


def missing(error: ModuleNotFoundError) -> HeadraceError | None:
    """The error to raise instead, if what is not installed belongs to one of our extras."""
    extra = _BROUGHT_BY.get((error.name or "").partition(".")[0])
    return needs(extra, error) if extra else None
