"""What the Keycloak auth manager of Airflow 3 wants of its realm, which neither it nor Keycloak makes by itself: Airflow's roles below the
realm's, a client with Authorization Services that is content when one permission says yes, and its resources and permissions, for which
it has commands. Besides, the web user of the stack. Runs in airflow-init; what is there already is left alone.
"""
import json
import os
import time
from argparse import Namespace
from importlib.metadata import version

from keycloak import KeycloakAdmin, KeycloakError, KeycloakOpenID

# Airflow's names, without which its commands end half-way; the realm's own, each of which holds one of them
ROLES = ("Viewer", "User", "Op", "Admin", "SuperAdmin")
HOLDS = {"viewer": "Viewer", "user": "User", "admin": "Admin"}
# on the client: of which packages the permissions are
MARK = "gather.permissions"


class Refused(Exception):
    """What a person has to read, in one line."""


def bring_realm(patience, web_user, web_role):
    """Returns in words what came of it. `web_user`: name and password, or None; `web_role`: one of Airflow's."""
    from airflow.configuration import conf
    from airflow.providers_manager import ProvidersManager

    ProvidersManager().initialize_providers_configuration()
    server, realm, client_id, secret = (conf.get("keycloak_auth_manager", key) for key in ("server_url", "realm", "client_id", "client_secret"))
    admin, client = patiently(patience, lambda: look(server, realm, client_id), realm)
    provider = "apache-airflow-providers-keycloak " + version("apache-airflow-providers-keycloak")
    wanted = "%s for Airflow %s" % (provider, version("apache-airflow"))
    is_new = client.get("attributes", {}).get(MARK) != wanted
    if is_new:
        bring_roles(admin)
        bring_client(admin, client)
        create_permissions(provider)
        change(admin, client["id"], attributes={**client.get("attributes", {}), MARK: wanted})
    said = "The permissions of Airflow in Keycloak: %s" % ("made" if is_new else "there already")
    if web_user:
        openid = KeycloakOpenID(server_url=server, realm_name=realm, client_id=client_id, client_secret_key=secret)
        said += "; web user %s: %s" % (web_user[0], bring_user(admin, openid, *web_user, web_role))
    return said


def administrator():
    return os.environ.get("KEYCLOAK_ADMIN_USER", ""), os.environ.get("KEYCLOAK_ADMIN_PASSWORD", "")


def look(server, realm, client_id):
    """Keycloak's administrator, and the client of Airflow, which is there once the realm is in step with .env."""
    username, password = administrator()
    admin = KeycloakAdmin(server_url=server, username=username, password=password, realm_name=realm, user_realm_name="master", client_id="admin-cli")
    client = next((one for one in admin.get_clients() if one["clientId"] == client_id), None)
    if client is None:
        raise KeycloakError("it has no client " + client_id)
    return admin, client


def patiently(patience, ask, realm):
    deadline = time.monotonic() + patience
    while True:
        try:
            return ask()
        except (KeycloakError, OSError) as error:
            if getattr(error, "response_code", None) == 401:
                raise Refused("Keycloak does not take the name and the password of KEYCLOAK_ADMIN_USER")
            if time.monotonic() > deadline:
                raise Refused("the realm %s of Keycloak cannot be reached: %s" % (realm, error))
        time.sleep(0.5)


def bring_roles(admin):
    for name in ROLES:
        admin.create_realm_role({"name": name}, skip_exists=True)
    known = {role["name"] for role in admin.get_realm_roles()}
    for name, held in HOLDS.items():
        if name in known:
            admin.add_composite_realm_roles_to_role(name, [admin.get_realm_role(held)])


def bring_client(admin, client):
    # a person's name and password at /auth/token are a direct grant
    change(admin, client["id"], serviceAccountsEnabled=True, authorizationServicesEnabled=True, directAccessGrantsEnabled=True)
    # Keycloak's own wants every permission that speaks of a resource to say yes: then nobody may do anything, an administrator neither
    path = "admin/realms/%s/clients/%s/authz/resource-server" % (admin.connection.realm_name, client["id"])
    server = admin.connection.raw_get(path).json()
    answer = admin.connection.raw_put(path, data=json.dumps({**server, "decisionStrategy": "AFFIRMATIVE"}))
    if answer.status_code >= 300:
        raise Refused("Keycloak refuses the decision strategy of client %s: %s" % (client["clientId"], answer.status_code))


def change(admin, client, **settings):
    admin.update_client(client, {**admin.get_client(client), **settings})


def create_permissions(provider):
    """What `airflow keycloak-auth-manager create-all` does; by the function, since an argument of a process is no place for a password."""
    from airflow.providers.keycloak.auth_manager.cli import commands

    username, password = administrator()
    named = Namespace(username=username, password=password, user_realm="master", client_id="admin-cli", teams=None, dry_run=False)
    try:
        commands.create_all_command(named)
    except (KeycloakError, TypeError, AttributeError, ValueError) as error:
        raise Refused("%s does not make its permissions: %s" % (provider, error))


def bring_user(admin, openid, username, password, role):
    """A person with this name has this password afterwards; what it may do is not touched."""
    try:
        openid.token(username, password)
        return "there already"
    except KeycloakError:
        pass
    found = admin.get_user_id(username)
    if found:
        admin.set_user_password(found, password, temporary=False)
        return "password changed"
    about = {"email": username + "@example.com", "emailVerified": True, "firstName": "Airflow", "lastName": role}
    credentials = [{"type": "password", "value": password, "temporary": False}]
    made = admin.create_user({"username": username, "enabled": True, "credentials": credentials, **about})
    admin.assign_realm_roles(made, [admin.get_realm_role(role)])
    return "created"
