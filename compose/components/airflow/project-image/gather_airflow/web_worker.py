"""gunicorn's ordinary worker, as AIRFLOW__WEBSERVER__WORKER_CLASS of Airflow 2 takes it, without garbage collection until there is one.

gunicorn loads the class of its workers before the app (--preload). Looking for garbage is a fifth of the time in which the app comes to be,
and there is nearly none; what has come to be by then is kept out of it, which a worker would else copy page by page.
"""
import gc

from gunicorn.workers.sync import SyncWorker

gc.disable()


class Worker(SyncWorker):
    def __init__(self, *arguments, **named):
        # in gunicorn's own process, before it forks
        gc.freeze()
        gc.enable()
        super().__init__(*arguments, **named)
