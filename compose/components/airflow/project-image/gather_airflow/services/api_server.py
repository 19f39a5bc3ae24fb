"""airflow api-server, of Airflow 3."""
from gather_airflow.fastapi_models import made_when_needed
from gather_airflow.services.web import Web


class ApiServer(Web):
    imports = (
        "airflow.cli.commands.api_server_command",
        "airflow.api_fastapi.app",
        "airflow.api_fastapi.core_api.app",
        "airflow.api_fastapi.core_api.routes.public",
        "airflow.api_fastapi.core_api.routes.ui",
        "airflow.api_fastapi.execution_api.app",
        "airflow.providers.fab.auth_manager.fab_auth_manager",
        "uvicorn",
    )
    app = "airflow.api_fastapi.app"

    def before_imports(self):
        super().before_imports()
        made_when_needed()

    def after_imports(self):
        prepare_execution_api()
        super().after_imports()


def prepare_execution_api():
    """Its routes, for each of its versions, are made at the first request of a task: two seconds in which the server answers nobody
    (cadwyn/applications.py). Here the newest's, which the tasks of this image speak, are made while the database comes up, unless
    uvicorn starts processes that begin anew."""
    from airflow.configuration import conf

    if conf.getint("api", "workers", fallback=1) > 1:
        return
    try:
        from airflow.api_fastapi import app as server
        from airflow.api_fastapi.execution_api import versions

        app = newest_version_first(server.create_task_execution_api_app, versions)
    except Exception as error:  # another Cadwyn: at the first request, then
        print("the API for tasks is not prepared: %s: %s" % (type(error).__name__, error), flush=True)
        return
    server.create_task_execution_api_app = lambda: app


def newest_version_first(create, versions):
    """An API for tasks with the routes of its newest version, and those of all others from when one of them is asked for."""
    from cadwyn import HeadVersion, Version, VersionBundle
    from cadwyn.route_generation import _DELETED_ROUTE_TAG

    every = versions.bundle
    newest = every.versions[0].value
    try:
        versions.bundle = VersionBundle(HeadVersion(*every.head_version.changes), Version(newest), api_version_var=every.api_version_var)
        app = create()
    finally:
        versions.bundle = every
    routes = app._latest_version_router
    routes.routes = [route for route in routes.routes if _DELETED_ROUTE_TAG not in getattr(route, "tags", ())]
    app._cadwyn_initialize()
    router = app.router
    closest = router._get_routes_from_closest_suitable_version

    async def older(version):
        whole = create()
        whole._cadwyn_initialize()
        for value, made in whole.router.versioned_routers.items():
            if value != newest:
                router.versioned_routers[value] = made
        vars(router).pop("versions", None)  # sorted once, and kept
        app.versions, router._get_routes_from_closest_suitable_version = every, closest
        return router.versioned_routers[version].routes if version in router.versioned_routers else await closest(version)

    router._get_routes_from_closest_suitable_version = older
    return app
