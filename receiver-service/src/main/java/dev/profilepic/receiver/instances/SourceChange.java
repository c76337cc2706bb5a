package dev.profilepic.receiver.instances;

import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.contract.SourceKind;
import dev.profilepic.receiver.http.Fields;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A new source of an instance's pictures. It replaces all earlier settings of the source: a
 * credential kept under a changed url could be sent to any place of the caller's choice.
 *
 * @param name the gateway's own name for the instance; null when the gateway uses our id
 * @param credential null when there is none, or when an environment variable holds it
 * @param variable the environment variable's name
 */
record SourceChange(
    SourceKind kind,
    @Nullable String url,
    @Nullable String name,
    @Nullable String credential,
    @Nullable String variable) {

  private static final String FIELD = "source";
  private static final int LONGEST_NAME = 200;
  private static final Pattern ONLY_DOTS = Pattern.compile("\\.+");

  /**
   * Reads {@code source}, which must be present and not null, and rejects wrong values.
   *
   * @param bound whether the caller's key is bound to single instances
   */
  static Optional<SourceChange> read(Fields fields, SourceRules rules, boolean bound) {
    var node = fields.raw(FIELD);
    var kind = SourceKind.of(node.path("kind").asString(""));
    if (kind.isEmpty()) {
      fields.reject("source.kind", "must be one of " + SourceKind.ids());
      return Optional.empty();
    }
    if (!kind.get().isRemote()) {
      return bridge(fields, node, kind.get());
    }
    return Optional.of(
        new SourceChange(
            kind.get(),
            url(fields, node, rules, kind.get()),
            name(fields, node),
            credential(fields, node, rules),
            variable(fields, node, bound)));
  }

  @Override
  public String toString() {
    return "SourceChange[kind=" + kind + ", credential=***]";
  }

  /**
   * Reads a source at our bridge. There an instance always has its own id, so that a key cannot act
   * for another instance.
   */
  private static Optional<SourceChange> bridge(Fields fields, JsonNode node, SourceKind kind) {
    for (var name : new String[] {"url", "name", "credential", "credential_env"}) {
      if (text(node, name) != null) {
        fields.reject("source." + name, "must be absent: the bridge is configured in the workers");
      }
    }
    return Optional.of(new SourceChange(kind, null, null, null, null));
  }

  private static String url(Fields fields, JsonNode node, SourceRules rules, SourceKind kind) {
    var url = text(node, "url");
    if (url == null) {
      fields.reject(
          "source.url",
          "is required: the gateway's url, for example https://evolution.example.com");
      return "";
    }
    rules
        .policy()
        .refuse(url)
        .or(() ->
            kind != SourceKind.HTTP && (url.indexOf('{') >= 0 || url.indexOf('?') >= 0)
                ? Optional.of("may have {phone}, {instance} and a query only when kind is http")
                : Optional.empty())
        .ifPresent(why -> fields.reject("source.url", why));
    return url;
  }

  private static @Nullable String name(Fields fields, JsonNode node) {
    var name = text(node, "name");
    if (name != null
        && (name.length() > LONGEST_NAME
            || !Fields.isPlain(name)
            || ONLY_DOTS.matcher(name).matches())) {
      fields.reject(
          "source.name",
          "must be the gateway's name for the instance, text of 1 to "
              + LONGEST_NAME
              + " characters");
    }
    return name;
  }

  private static @Nullable String credential(Fields fields, JsonNode node, SourceRules rules) {
    var credential = text(node, "credential");
    if (credential == null) {
      return null;
    }
    if (!SourceCredentials.fitsHeader(credential)) {
      fields.reject("source.credential", "must be 1 to 1000 printable ASCII characters");
    } else if (rules.credentials().isEmpty()) {
      fields.reject(
          "source.credential",
          "cannot be kept: set PROFILE_PIC_SOURCES_KEY for receiver and workers, or put it into an"
              + " environment variable of the workers and name that in credential_env");
    }
    return credential;
  }

  private static @Nullable String variable(Fields fields, JsonNode node, boolean bound) {
    var variable = text(node, "credential_env");
    if (variable == null) {
      return null;
    }
    if (bound) {
      fields.reject(
          "source.credential_env", "can be set with a key for all instances only: use credential");
    } else if (!SourceCredentials.isVariable(variable)) {
      fields.reject("source.credential_env", SourceCredentials.VARIABLE_RULE);
    } else if (text(node, "credential") != null) {
      fields.reject("source.credential_env", "must be absent when credential is given");
    }
    return variable;
  }

  /**
   * Returns text without the space around it; null when there is no text. Other values are refused
   * later.
   */
  private static @Nullable String text(JsonNode node, String name) {
    var value = node.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    var text = value.isString() ? value.asString().strip() : value.toString();
    return text.isEmpty() ? null : text;
  }
}
