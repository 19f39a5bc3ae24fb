import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Brings a realm of the Keycloak on port 8080 in step with the environment, through the admin API. It runs at every start; what is
 * there already stays, and so does what somebody else made. From the environment:
 *
 * <pre>
 * REALM_NAME                    made where it is not
 * REALM_FILE                    JSON: a list of {name, realm}, each a realm as Keycloak exports it, made where there is none of its name; the
 *                               one called REALM_NAME is what that realm begins with
 * REALM_ROLES                   roles to make, with spaces between
 * REALM_PERSON_NAME_ROLE        makes the person NAME, who has this role at first
 * REALM_PERSON_NAME_PASSWORD    counts when the person is made, and whenever it is another one than the last time
 * REALM_CLIENT_ID_SECRET        makes the client ID (confidential); always counts
 * REALM_CLIENT_ID_REDIRECTS     where a browser may be sent back to, with spaces between; those that somebody added stay
 * REALM_CLIENT_ID_SERVICE       true: it may ask for a token for itself
 * REALM_CLIENT_ID_AUDIENCE      whom its tokens are for
 * KCRAW_BOOTSTRAP_ADMIN_USERNAME, KCRAW_BOOTSTRAP_ADMIN_PASSWORD
 * </pre>
 *
 * The last line on standard output or error says in words what came of it. No secret is printed.
 */
public final class RealmInStep {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final ObjectMapper JSON = new ObjectMapper();
  /** Attributes of the realm and of clients that say what was put there the last time. */
  private static final String MARK = "gather.";

  private final Map<String, String> env;
  private final Admin admin;

  private RealmInStep(Map<String, String> env) {
    this.env = env;
    this.admin = new Admin("http://127.0.0.1:8080", env.get("KCRAW_BOOTSTRAP_ADMIN_USERNAME"), env.get("KCRAW_BOOTSTRAP_ADMIN_PASSWORD"));
  }

  public static void main(String[] args) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      try {
        System.out.println(new RealmInStep(System.getenv()).run());
        return;
      } catch (Refused refused) {
        if (refused.isFinal || System.nanoTime() > end) fail(refused.getMessage());
      } catch (IOException error) {
        if (System.nanoTime() > end) fail("Keycloak does not answer: " + error);
      }
      Thread.sleep(500);
    }
  }

  private static void fail(String why) {
    System.err.println("the realm is not in step: " + why);
    System.exit(1);
  }

  private String run() throws IOException, InterruptedException {
    String name = env.get("REALM_NAME");
    String realm = "/admin/realms/" + encoded(name);
    admin.logIn();
    List<String> made = makeRealms(realmFiles());
    // rights of a realm are in a token that is younger than it
    if (!made.isEmpty()) admin.logIn();
    if (admin.find(realm) == null) admin.post("/admin/realms", realmNamed(name));
    for (String role : words(env.getOrDefault("REALM_ROLES", "")))
      if (admin.find(realm + "/roles/" + encoded(role)) == null) admin.post(realm + "/roles", JSON.createObjectNode().put("name", role));
    Map<String, Map<String, String>> people = declared("PERSON", "ROLE", "PASSWORD");
    Map<String, Map<String, String>> clients = declared("CLIENT", "SECRET", "REDIRECTS", "SERVICE", "AUDIENCE");
    bringPeople(realm, people);
    for (var client : clients.entrySet()) bringClient(realm, client.getKey(), client.getValue());
    String own = made.isEmpty() ? "" : "; made from files of the project: " + made;
    return "the realm " + name + " is in step: people " + people.keySet() + ", clients " + clients.keySet() + own;
  }

  private JsonNode realmFiles() throws IOException {
    String path = env.getOrDefault("REALM_FILE", "");
    return path.isEmpty() ? JSON.createArrayNode() : JSON.readTree(Path.of(path).toFile());
  }

  /** The names of those that were not there. As with Keycloak's own import, one that is stays as it is. */
  private List<String> makeRealms(JsonNode files) throws IOException, InterruptedException {
    List<String> made = new ArrayList<>();
    for (JsonNode file : files) {
      String name = file.path("realm").path("realm").asText();
      if (admin.find("/admin/realms/" + encoded(name)) != null) continue;
      try {
        admin.post("/admin/realms", file.path("realm"));
      } catch (Refused refused) {
        throw new Refused("config/keycloak/" + file.path("name").asText() + ".json: " + refused.getMessage(), refused.isFinal);
      }
      made.add(name);
    }
    return made;
  }

  /** Without TLS, which nothing of the stack has; all else as Keycloak has it. */
  private static ObjectNode realmNamed(String name) {
    return JSON.createObjectNode().put("realm", name).put("enabled", true).put("sslRequired", "none");
  }

  private void bringPeople(String realm, Map<String, Map<String, String>> people) throws IOException, InterruptedException {
    ObjectNode about = (ObjectNode) admin.find(realm);
    ObjectNode attributes = about.withObjectProperty("attributes");
    boolean isNew = false;
    for (var person : people.entrySet()) {
      String name = person.getKey();
      String password = person.getValue().getOrDefault("PASSWORD", "");
      String mark = MARK + "person." + name;
      // salted by the realm's own id; only the realm's administrators see it
      String digest = digest(about.path("id").asText() + '\0' + name + '\0' + password);
      if (digest.equals(attributes.path(mark).asText())) continue;
      String id = idOf(realm, name);
      if (id == null) make(realm, name, password, person.getValue().getOrDefault("ROLE", ""));
      else admin.put(realm + "/users/" + id + "/reset-password", credential(password));
      attributes.put(mark, digest);
      isNew = true;
    }
    if (isNew) admin.put(realm, JSON.createObjectNode().set("attributes", attributes));
  }

  private String idOf(String realm, String person) throws IOException, InterruptedException {
    JsonNode found = admin.find(realm + "/users?exact=true&username=" + encoded(person));
    return found.isEmpty() ? null : found.get(0).path("id").asText();
  }

  /** With a name and an address: without them Keycloak asks for them at the first login. */
  private void make(String realm, String name, String password, String role) throws IOException, InterruptedException {
    ObjectNode person = JSON.createObjectNode().put("username", name).put("enabled", true);
    person.put("email", name + "@example.com").put("emailVerified", true);
    person.put("firstName", name.substring(0, 1).toUpperCase() + name.substring(1)).put("lastName", "Example");
    person.putArray("credentials").add(credential(password));
    admin.post(realm + "/users", person);
    if (role.isEmpty()) return;
    JsonNode found = admin.find(realm + "/roles/" + encoded(role));
    if (found == null) throw new Refused("there is no role " + role + " for " + name, true);
    ArrayNode roles = JSON.createArrayNode();
    roles.addObject().put("id", found.path("id").asText()).put("name", role);
    admin.post(realm + "/users/" + idOf(realm, name) + "/role-mappings/realm", roles);
  }

  private static ObjectNode credential(String password) {
    return JSON.createObjectNode().put("type", "password").put("value", password).put("temporary", false);
  }

  private void bringClient(String realm, String id, Map<String, String> wanted) throws IOException, InterruptedException {
    JsonNode found = admin.find(realm + "/clients?clientId=" + encoded(id));
    ObjectNode before = found.isEmpty() ? newClient(id) : (ObjectNode) found.get(0);
    ObjectNode client = before.deepCopy();
    client.put("secret", wanted.getOrDefault("SECRET", ""));
    client.put("serviceAccountsEnabled", Boolean.parseBoolean(wanted.get("SERVICE")) || before.path("serviceAccountsEnabled").asBoolean());
    bringRedirects(client, wanted.getOrDefault("REDIRECTS", ""));
    if (found.isEmpty()) admin.post(realm + "/clients", client);
    else if (!client.equals(before)) admin.put(realm + "/clients/" + before.path("id").asText(), client);
    if (!wanted.getOrDefault("AUDIENCE", "").isEmpty()) bringAudience(realm, id, wanted.get("AUDIENCE"));
  }

  private static ObjectNode newClient(String id) {
    ObjectNode client = JSON.createObjectNode().put("clientId", id).put("enabled", true).put("publicClient", false);
    client.put("protocol", "openid-connect").put("directAccessGrantsEnabled", false);
    client.putArray("webOrigins").add("+");
    // wherever a login may end, a logout may end, too
    client.putObject("attributes").put("post.logout.redirect.uris", "+");
    client.putArray("protocolMappers").add(mapper("realm roles as groups", "oidc-usermodel-realm-role-mapper",
        Map.of("claim.name", "groups", "jsonType.label", "String", "multivalued", "true", "id.token.claim", "true", "access.token.claim", "true", "userinfo.token.claim", "true")));
    return client;
  }

  /** In place of what was put there the last time; what somebody added stays. */
  private static void bringRedirects(ObjectNode client, String wanted) {
    ObjectNode attributes = client.withObjectProperty("attributes");
    List<String> last = words(attributes.path(MARK + "redirects").asText());
    Set<String> all = new LinkedHashSet<>(words(wanted));
    for (JsonNode one : client.path("redirectUris")) if (!last.contains(one.asText())) all.add(one.asText());
    List<String> now = new ArrayList<>();
    for (JsonNode one : client.path("redirectUris")) now.add(one.asText());
    if (!Set.copyOf(now).equals(all)) {
      ArrayNode uris = client.putArray("redirectUris");
      all.forEach(uris::add);
    }
    attributes.put(MARK + "redirects", String.join(" ", words(wanted)));
    client.put("standardFlowEnabled", !all.isEmpty());
  }

  private void bringAudience(String realm, String client, String audience) throws IOException, InterruptedException {
    String name = "audience of " + client;
    String path = realm + "/clients/" + admin.find(realm + "/clients?clientId=" + encoded(client)).get(0).path("id").asText() + "/protocol-mappers/models";
    ObjectNode wanted = mapper(name, "oidc-audience-mapper", Map.of("included.custom.audience", audience, "access.token.claim", "true"));
    for (JsonNode one : admin.find(path))
      if (name.equals(one.path("name").asText())) {
        if (!audience.equals(one.path("config").path("included.custom.audience").asText()))
          admin.put(path + "/" + one.path("id").asText(), wanted.put("id", one.path("id").asText()));
        return;
      }
    admin.post(path, wanted);
  }

  private static ObjectNode mapper(String name, String kind, Map<String, String> config) {
    ObjectNode mapper = JSON.createObjectNode().put("name", name).put("protocol", "openid-connect").put("protocolMapper", kind);
    new TreeMap<>(config).forEach(mapper.putObject("config")::put);
    return mapper;
  }

  /** What REALM_KIND_NAME_KEY of the environment say, by NAME and then by KEY. */
  private Map<String, Map<String, String>> declared(String kind, String... keys) {
    Pattern pattern = Pattern.compile("REALM_" + kind + "_(.+)_(" + String.join("|", keys) + ")");
    Map<String, Map<String, String>> all = new TreeMap<>();
    env.forEach((variable, value) -> {
      Matcher matcher = pattern.matcher(variable);
      if (matcher.matches()) all.computeIfAbsent(matcher.group(1), name -> new TreeMap<>()).put(matcher.group(2), value);
    });
    return all;
  }

  private static List<String> words(String text) {
    return text.isBlank() ? List.of() : List.of(text.trim().split("\\s+"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static String digest(String text) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (java.security.NoSuchAlgorithmException error) {
      throw new IllegalStateException(error);
    }
  }

  /** What Keycloak answered, in words. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1;
    /** True where to ask again would change nothing. */
    final boolean isFinal;

    Refused(String message, boolean isFinal) {
      super(message);
      this.isFinal = isFinal;
    }
  }

  /** The admin API, as one administrator. */
  private static final class Admin {
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(5)).build();
    private final String base;
    private final String username;
    private final String password;
    private String token = "";

    Admin(String base, String username, String password) {
      this.base = base;
      this.username = username;
      this.password = password;
    }

    void logIn() throws IOException, InterruptedException {
      String form = "grant_type=password&client_id=admin-cli&username=" + encoded(username) + "&password=" + encoded(password);
      HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/realms/master/protocol/openid-connect/token"))
          .timeout(Duration.ofSeconds(20))
          .header("Content-Type", "application/x-www-form-urlencoded")
          .POST(HttpRequest.BodyPublishers.ofString(form))
          .build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() == 401 || response.statusCode() == 400)
        throw new Refused("Keycloak does not take the administrator's name and password of .env: " + reason(response), true);
      if (response.statusCode() != 200) throw refused("POST", "token", response);
      token = JSON.readTree(response.body()).path("access_token").asText();
    }

    /** What is there; null where nothing is. */
    JsonNode find(String path) throws IOException, InterruptedException {
      HttpResponse<String> response = send("GET", path, null);
      if (response.statusCode() == 404) return null;
      if (response.statusCode() != 200) throw refused("GET", path, response);
      return JSON.readTree(response.body());
    }

    void post(String path, JsonNode body) throws IOException, InterruptedException {
      HttpResponse<String> response = send("POST", path, body);
      // 409: somebody made it meanwhile, or it was made before an answer got lost; the next round looks again
      if (response.statusCode() >= 300) throw refused("POST", path, response);
    }

    void put(String path, JsonNode body) throws IOException, InterruptedException {
      HttpResponse<String> response = send("PUT", path, body);
      if (response.statusCode() >= 300) throw refused("PUT", path, response);
    }

    private HttpResponse<String> send(String method, String path, JsonNode body) throws IOException, InterruptedException {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path)).timeout(Duration.ofSeconds(20)).header("Authorization", "Bearer " + token);
      if (body == null) request.method(method, HttpRequest.BodyPublishers.noBody());
      else request.header("Content-Type", "application/json").method(method, HttpRequest.BodyPublishers.ofString(body.toString()));
      return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static Refused refused(String method, String path, HttpResponse<String> response) {
      int status = response.statusCode();
      // (of the path only what is no query: that may name a person)
      return new Refused(method + " " + path.split("\\?")[0] + ": " + status + " " + reason(response), status < 500 && status != 409 && status != 401);
    }

    /** Of the body only Keycloak's own words for what is wrong. */
    private static String reason(HttpResponse<String> response) {
      try {
        JsonNode body = JSON.readTree(response.body());
        for (String key : List.of("error_description", "errorMessage", "error")) if (body.path(key).isTextual()) return body.path(key).asText();
      } catch (IOException error) {
        // no JSON
      }
      return "";
    }
  }
}
