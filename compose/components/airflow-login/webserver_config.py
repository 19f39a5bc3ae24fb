"""
Airflow's login through Keycloak, by Flask-AppBuilder of Airflow 2 and 3. The roles of the realm are those of Airflow, looked at anew at each
login. Beside it the page takes the name and the password of a local account, such as the one that airflow-init makes: for when Keycloak
is away. A project's own config/webserver_config.py takes the place of all this.
"""
import os
from urllib.parse import urlencode

own = os.path.join(os.environ.get("AIRFLOW_HOME", "/opt/airflow"), "config", "webserver_config.py")
if os.path.exists(own):
    with open(own, encoding="utf-8") as file:
        exec(compile(file.read(), own, "exec"), globals())
else:
    import requests
    from airflow import __version__ as version
    from airflow.providers.fab.auth_manager.security_manager.override import FabAirflowSecurityManagerOverride
    from flask import flash, g, redirect, render_template_string, request, session, url_for
    from flask_appbuilder import expose
    from flask_appbuilder.const import AUTH_OAUTH
    from flask_appbuilder.security import views
    from flask_appbuilder.security.forms import LoginForm_db
    from flask_login import login_user
    from werkzeug.security import check_password_hash

    major = int(version.split(".")[0])
    if major >= 3:
        from airflow.api_fastapi.app import get_auth_manager
    realm = os.environ["KEYCLOAK_REALM_URL"]  # as containers reach it; what a browser is sent to says Keycloak's metadata

    AUTH_TYPE = AUTH_OAUTH
    AUTH_ROLES_MAPPING = {"admin": ["Admin"], "user": ["User"], "viewer": ["Viewer"], "public": ["Public"]}
    AUTH_ROLES_SYNC_AT_LOGIN = True
    AUTH_USER_REGISTRATION = True
    # Flask-AppBuilder adds it to everybody's roles at each login, not only where no other is mapped: it must give nothing
    AUTH_USER_REGISTRATION_ROLE = "Public"
    WTF_CSRF_ENABLED = True
    WTF_CSRF_TIME_LIMIT = None
    OAUTH_PROVIDERS = [
        {
            "name": "keycloak",
            "icon": "fa-key",
            "token_key": "access_token",
            "remote_app": {
                "client_id": os.environ["KEYCLOAK_CLIENT_ID"],
                "client_secret": os.environ["KEYCLOAK_CLIENT_SECRET"],
                "server_metadata_url": realm + "/.well-known/openid-configuration",
                "api_base_url": realm + "/protocol/",
                # in the form: as a header, a secret with a character beyond Latin-1 breaks, and one with % is taken for another
                "client_kwargs": {"scope": "openid profile email", "token_endpoint_auth_method": "client_secret_post"},
            },
        }
    ]

    PAGE = """{% extends "appbuilder/base.html" %}
{% block content %}
<div class="container"><div class="mainbox col-md-6 col-md-offset-3 col-sm-8 col-sm-offset-2" style="margin-top:50px">
  <div class="panel panel-primary">
    <div class="panel-heading"><div class="panel-title">{{ title }}</div></div>
    <div class="panel-body">
      <a id="keycloak" class="btn btn-primary btn-block" href="{{ url_for('.login', provider='keycloak', **next) }}">Log in with Keycloak</a>
      <details style="margin-top:20px"{% if form.errors or local %} open{% endif %}>
        <summary>Local account, for when Keycloak is away</summary>
        <form method="post" style="margin-top:10px">
          {{ form.hidden_tag() }}
          <label for="username">{{ _("Username") }}</label>{{ form.username(class="form-control") }}
          <label for="password">{{ _("Password") }}</label>{{ form.password(class="form-control") }}
          <input type="submit" class="btn btn-default btn-block" style="margin-top:10px" value="{{ _('Sign In') }}">
        </form>
      </details>
    </div>
  </div>
</div></div>
{% endblock %}"""

    def keycloak_answers():
        try:
            return requests.get(realm, timeout=3).ok
        except requests.RequestException:
            return False

    class LoginView(FabAirflowSecurityManagerOverride.authoauthview):
        @expose("/login/", methods=["GET", "POST"])
        @expose("/login/<provider>")
        def login(self, provider=None):
            if g.user is not None and g.user.is_authenticated:
                return redirect(self.appbuilder.get_url_for_index)
            following = {"next": request.args["next"]} if request.args.get("next") else {}
            if provider is not None and keycloak_answers():
                return super().login(provider)
            if provider is not None:
                flash("Keycloak does not answer. Try again in a moment; an administrator has a local account.", "warning")
                return redirect(url_for(".login", local="yes", **following))
            form = LoginForm_db()
            if not form.validate_on_submit():
                return render_template_string(
                    PAGE,
                    title=self.title,
                    form=form,
                    next=following,
                    local="local" in request.args,
                    appbuilder=self.appbuilder,
                    base_template=self.appbuilder.base_template,
                )
            user = self.appbuilder.sm.auth_user_db(form.username.data, form.password.data)
            if not user:
                flash(str(self.invalid_login_message), "warning")
                return redirect(url_for(".login", local="yes", **following))
            login_user(user, remember=False)
            # (Airflow has put its own function into that module)
            return redirect(views.get_safe_redirect(request.args.get("next", "")))

        # Airflow 2 takes POST alone, with a CSRF token
        @expose("/logout/", methods=["POST" if major == 2 else "GET"])
        def logout(self):
            """Ends Airflow's session and Keycloak's, which would else let the next person in without a question."""
            id_token = session.pop("id_token", None)
            super().logout()
            # Airflow 3 has a page of its own, which takes its cookies away
            after = url_for(".login", _external=True) if major == 2 else request.url_root + "logout"
            try:
                end = self.appbuilder.sm.oauth_remotes["keycloak"].load_server_metadata()["end_session_endpoint"]
            except (requests.RequestException, KeyError):
                return redirect(after)
            if not id_token or not keycloak_answers():
                return redirect(after)
            return redirect(end + "?" + urlencode({"id_token_hint": id_token, "post_logout_redirect_uri": after}))

    class SecurityManager(FabAirflowSecurityManagerOverride):
        authoauthview = LoginView

        def set_oauth_session(self, provider, oauth_response):
            super().set_oauth_session(provider, oauth_response)
            session["id_token"] = oauth_response.get("id_token")

        def auth_user_oauth(self, userinfo, **how):
            user = self.find_user(username=userinfo.get("username") or "")
            # whom Flask-AppBuilder has registered at a login has the empty password, which nobody can log in with
            if user and user.password and not check_password_hash(user.password, ""):
                flash("%s is the name of a local account of Airflow: log in with its password." % user.username, "warning")
                return None
            user = super().auth_user_oauth(userinfo, **how)
            if user and major >= 3:
                # it keeps a person, with the roles of then, for half a minute (AIRFLOW__FAB__CACHE_TTL)
                getattr(get_auth_manager(), "cache", {}).pop(user.id, None)
            return user

    SECURITY_MANAGER_CLASS = SecurityManager
    # for gather_airflow.login, the auth manager of Airflow 3: with the slash it is the view above; without, a page that leaves Keycloak's
    # session as it is
    LOGOUT_PATH = "logout/"
