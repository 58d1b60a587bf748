"""The pods of the manifests, by what they run."""

import pytest

from tests.support.deployment.manifests import specs

RUNNERS = specs("run")
SERVERS = specs("serve")
PODS = specs()

each_runner = pytest.mark.parametrize("name", RUNNERS)
each_pod = pytest.mark.parametrize("name", PODS)
each_lasting = pytest.mark.parametrize("name", RUNNERS | SERVERS)
