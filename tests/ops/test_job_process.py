"""A job's own process, which never imports `app.py`: what it tells reaches CloudWatch all the same."""

import json
import os
import subprocess
import sys

from infra.tools.code import ROOT

TELL = "import chalicelib.orders.jobs; from chalicelib.core import log; log.metrics({'timer': 'x'}, timer_failed=1)"
DEPLOYED = {
    "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9001",
    "SOUK_STAGE": "prod",
    "SOUK_TABLE": "souk",
    "SOUK_JWT_KEYS": "ssm:/souk/prod/jwt-keys",
    "SOUK_SECRET_KEYS": "ssm:/souk/prod/secret-keys",
    "SOUK_METRIC_NAMESPACE": "Souk/prod",
}


def test_a_jobs_process_writes_its_lines_and_metrics_under_the_stages_namespace() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", TELL],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **DEPLOYED},
        capture_output=True,
        text=True,
        check=True,
    )
    line = json.loads(ended.stdout)
    assert line["timer_failed"] == 1
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Souk/prod"
