"""The process that runs a task, a trigger or a DAG file of Airflow 3, and listens to it."""


def no_waiting_for_who_has_hung_up():
    """It listens to a task for five seconds at a time. One that has closed its last socket and is not quite gone says nothing more:
    one in six kept its place in the pool, and a worker that was to stop, for these five seconds, and a triggerer that was to stop
    was killed after ten (airflow/sdk/execution_time/supervisor.py, _monitor_subprocess and kill)."""
    try:
        from airflow.sdk.execution_time.supervisor import WatchedSubprocess
    except ImportError:
        return  # Airflow 2
    original = getattr(WatchedSubprocess, "_service_subprocess", None)

    def service(self, max_wait_time, *arguments, **named):
        return original(self, max_wait_time if self.selector.get_map() else min(max_wait_time, 0.05), *arguments, **named)

    if original:
        WatchedSubprocess._service_subprocess = service
