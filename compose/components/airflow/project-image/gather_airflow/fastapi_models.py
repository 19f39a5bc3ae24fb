"""The validators of FastAPI's models and parameters, made when something is to be validated."""
import contextlib
import importlib
import threading

from gather_airflow.migrations import installed


def made_when_needed():
    """In a service of Airflow 3 that imports FastAPI."""
    if installed("api_fastapi"):
        with contextlib.suppress(ImportError, AttributeError):  # another FastAPI or Pydantic
            described_when_asked()
            validators_made_when_needed()


def described_when_asked():
    """Pydantic makes the validators of a model when its class is defined. Those of FastAPI's own models, which describe an API, are made
    when somebody asks for the description instead: a third of a second."""
    from pydantic import BaseModel

    BaseModel.model_config["defer_build"] = True
    try:
        importlib.import_module("fastapi")
    finally:
        del BaseModel.model_config["defer_build"]


def validators_made_when_needed():
    """FastAPI makes a validator for each parameter and each answer of a route, and does it again each time that a router is made part
    of another: four times for most of Airflow's routes, and for each version of the API for tasks. Made when a request needs it."""
    from fastapi._compat.v2 import ModelField

    make, one_at_a_time = ModelField.__post_init__, threading.RLock()

    def made_now(self, name):
        if name != "_type_adapter":
            raise AttributeError(name)
        with one_at_a_time:
            if name not in vars(self):
                make(self)
        return vars(self)[name]

    ModelField.__post_init__ = lambda _: None
    ModelField.__getattr__ = made_now
