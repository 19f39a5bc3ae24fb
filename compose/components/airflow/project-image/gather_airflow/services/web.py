"""What the web servers of Airflow 2 and 3 have in common: an app, and Flask-AppBuilder's permissions."""
import importlib

from gather_airflow.services import Service, collect_again

# Whether there is a permission for an action on a resource, and whether a role has it; the tables are Flask-AppBuilder's.
PERMISSIONS = """
SELECT ab_view_menu.name, ab_permission.name, MAX(CASE WHEN ab_role.name = :role THEN 1 ELSE 0 END)
FROM ab_permission_view
JOIN ab_view_menu ON ab_view_menu.id = ab_permission_view.view_menu_id
JOIN ab_permission ON ab_permission.id = ab_permission_view.permission_id
LEFT JOIN ab_permission_view_role ON ab_permission_view_role.permission_view_id = ab_permission_view.id
LEFT JOIN ab_role ON ab_role.id = ab_permission_view_role.role_id
GROUP BY ab_view_menu.name, ab_permission.name
"""


class Web(Service):
    app = ""  # the module whose create_app makes it

    def after_imports(self):
        permissions_in_one_query()

    def collect_garbage(self):
        """From when the app is made: what it makes are a hundred thousand objects that stay."""
        module = importlib.import_module(self.app)
        original = module.create_app

        def create_app(*arguments, **named):
            try:
                return original(*arguments, **named)
            finally:
                collect_again()

        module.create_app = create_app


def permissions_in_one_query():
    """For each entry of its menu and each view the web server asks, with five queries, if its permissions are there and Admin has them
    (half a second in all); as good as always they are. Asked once: what is as it should be is left alone, all else goes its way."""
    from airflow.configuration import conf
    from sqlalchemy import text

    if "fab" not in conf.get("core", "auth_manager").lower():
        return
    from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride as Manager

    def of_admin(self, resource):
        """{action: whether Admin may do it} of a resource, as it was when this manager was first asked."""
        if "of_admin" not in vars(self):
            session = self.session if hasattr(self, "session") else self.get_session
            vars(self)["of_admin"] = found = {}
            for name, action, may in session.execute(text(PERMISSIONS), {"role": self.auth_role_admin}):
                found.setdefault(name, {})[action] = bool(may)
        return vars(self)["of_admin"].get(resource, {})

    add_menu, add_view = Manager.add_permissions_menu, Manager.add_permissions_view

    def add_permissions_menu(self, resource_name):
        return None if of_admin(self, resource_name).get("menu_access") else add_menu(self, resource_name)

    def add_permissions_view(self, base_action_names, resource_name):
        # a view without permissions still gets its name written down
        is_there = base_action_names and of_admin(self, resource_name) == dict.fromkeys(base_action_names, True)
        return None if is_there else add_view(self, base_action_names, resource_name)

    Manager.add_permissions_menu, Manager.add_permissions_view = add_permissions_menu, add_permissions_view
