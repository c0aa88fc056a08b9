"""What flows can do, for every Prefect from 2.6.5 to 3.x; each flow is run once, the failing too."""

from prefect import flow, get_run_logger, tags, task
from prefect.tasks import task_input_hash

tries = {}


def first_try_of(name):
    tries[name] = tries.get(name, 0) + 1
    return tries[name] == 1


@task(tags=["numbers"])
def one():
    return 1


@task(name="Add up")
def add(left, right):
    return left + right


@task
def double(number, factor=2):
    return number * factor


@flow
def edges(start: int, note: str = "none"):
    """Results as parameters, within a list, mapped over, and an order without any result."""
    first = one.submit()
    second = add.submit(first, start)
    mapped = double.map([1, 2, 3])
    total = add.submit(second, 10, wait_for=[mapped[0], first])
    listed = double.submit([first, second])
    listed.wait()
    return total.result()


@task(retries=2, retry_delay_seconds=0)
def flaky_task():
    if first_try_of("task"):
        raise ValueError("the first try of the task fails")
    return "second"


@flow(retries=1, retry_delay_seconds=0)
def flaky():
    one()
    answer = flaky_task()
    if first_try_of("flow"):
        raise ValueError("the first try of the flow fails")
    return answer


@task
def broken():
    raise ValueError("the task fails")


@flow
def failing_task():
    broken(return_state=True)
    broken()


@flow
def failing():
    raise ValueError("the flow fails")


@task(cache_key_fn=task_input_hash)
def slow(number):
    return number + 1


@flow
def cache():
    slow(1)
    slow(2)
    slow(1)


@flow(name="Child flow")
def child(number):
    get_run_logger().info("in the child")
    return double(number)


@flow
def parent():
    with tags("family"):
        number = child(20)
        child(one.submit())
    return number


@task
def speak():
    logger = get_run_logger()
    logger.debug("a debug line")
    logger.info("an info line")
    logger.warning("a warning with a second\nline")
    logger.error("an error with 'quotes', <b>tags</b> and ünïcödé")
    logger.critical("a critical line")


@flow(description="Says something at every level.", version="7")
def logs():
    get_run_logger().warning("from the flow")
    speak()


if __name__ == "__main__":
    for run in [lambda: edges(4, note="x"), flaky, failing_task, failing, cache, parent, logs]:
        try:
            run()
        except ValueError:
            pass
