"""
### A task in a container of its own
`DockerOperator` asks the Docker Engine for a container, through the service `docker-socket-proxy` (`DOCKER_HOST` of the
workers says so). What the container prints is in the task's log; the last line is the task's result.

The image comes from the Airflow variable `docker_image`. This stack sets it, as `AIRFLOW_VAR_DOCKER_IMAGE`, to its own
Airflow image, which the engine has without any registry; put your own in its place. `retrieve_output` and `@task.docker`
fetch a file from the container, which the proxy does not allow: print the result instead.
"""
import json
from datetime import timedelta

import pendulum
from airflow.providers.docker.operators.docker import DockerOperator

try:  # Airflow 3
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task

# The image runs Python unbuffered, where print() writes a line in pieces; the operator takes the last piece for the result.
PROGRAM = r"""
import json, os, platform, sys
sys.stdout.write(f"Hello from {platform.node()}\n")
sys.stdout.write(json.dumps({"run": os.environ["RUN"], "squares": [n * n for n in range(5)]}) + "\n")
"""


@dag(
    schedule=None,
    start_date=pendulum.datetime(2025, 1, 1, tz="UTC"),
    catchup=False,
    default_args={"owner": "gather", "retries": 1, "retry_delay": timedelta(seconds=10)},
    tags=["example", "docker"],
    doc_md=__doc__,
)
def docker_operator():
    compute = DockerOperator(
        task_id="compute",
        image="{{ var.value.docker_image }}",
        entrypoint=["python", "-c"],  # the Airflow image's own one would start Airflow
        command=[PROGRAM],
        environment={"RUN": "{{ run_id }}"},
        auto_remove="force",
        mount_tmp_dir=False,  # the engine sees other folders than the worker does
        network_mode="none",
    )

    @task
    def add_up(line):
        return sum(json.loads(line)["squares"])

    add_up(compute.output)


docker_operator()
