"""A flow, a task in it, and what the task says."""

from prefect import flow, get_run_logger, task
from prefect.context import get_run_context


@task
def bar():
    name = get_run_context().task_run.name
    get_run_logger().info(f"👋 from {name}!")


@flow
def foo():
    bar()


if __name__ == "__main__":
    foo()
