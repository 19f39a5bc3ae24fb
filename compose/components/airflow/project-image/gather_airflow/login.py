"""Flask-AppBuilder's auth manager of Airflow 3, as AIRFLOW__CORE__AUTH_MANAGER takes it, with a say of webserver_config.py in where a logout
begins: a page that knows who has to be told besides Airflow.

Airflow looks for "FabAuthManager" in the setting where it wants to know who keeps the users: it has to be in the name.
"""
from urllib.parse import urljoin

from airflow.providers.fab.auth_manager import fab_auth_manager


class FabAuthManager(fab_auth_manager.FabAuthManager):
    def get_url_logout(self):
        path = self.flask_app.config.get("LOGOUT_PATH") if self.flask_app else None
        return urljoin(self.get_url_login(), "../" + path) if path else super().get_url_logout()
