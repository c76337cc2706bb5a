package dev.profilepic.receiver.endpoints;

import dev.profilepic.contract.EndpointKind;
import dev.profilepic.contract.InstanceId;
import dev.profilepic.contract.SourceCredentials;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.instances.SourceRules;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads what a request says of an endpoint, and rejects what is wrong with it. */
final class EndpointFields {

  /** All that can be told, in the order in which they are documented. */
  static final List<String> EVENTS =
      List.of(
          "picture.stored",
          "picture.changed",
          "picture.removed",
          "lead.failed",
          "instance.state",
          "system.alert");

  /** What a sink for contacts can do something with. */
  private static final List<String> PICTURES = EVENTS.subList(0, 3);

  private static final int MOST_INSTANCES = 1000;
  private static final int LONGEST_DESCRIPTION = 200;

  private final Fields fields;

  EndpointFields(@Nullable JsonNode body) {
    this.fields = Fields.of(body);
  }

  /**
   * @throws dev.profilepic.receiver.http.ProblemException naming every field that is wrong
   */
  void check() {
    fields.check();
  }

  boolean has(String name) {
    return fields.has(name);
  }

  EndpointKind kind() {
    var kind = EndpointKind.of(fields.raw("kind").asString("webhook"));
    if (kind.isEmpty()) {
      fields.reject("kind", "must be one of " + EndpointKind.ids());
    }
    return kind.orElse(EndpointKind.WEBHOOK);
  }

  String url(SourceRules rules, EndpointKind kind) {
    var url = fields.raw("url").asString("").strip();
    if (url.isEmpty()) {
      fields.reject("url", "is required, for example https://crm.example.com/hooks/photos");
      return url;
    }
    rules
        .policy()
        .refuse(url)
        .or(() ->
            url.indexOf('{') >= 0 || (kind == EndpointKind.CHATWOOT && url.indexOf('?') >= 0)
                ? Optional.of("must be a plain url")
                : Optional.empty())
        .ifPresent(why -> fields.reject("url", why));
    return url;
  }

  /** The events that are wanted; all that the kind can do something with when none are named. */
  List<String> events(EndpointKind kind) {
    var possible = kind == EndpointKind.CHATWOOT ? PICTURES : EVENTS;
    if (!fields.has("events")) {
      return possible;
    }
    var events = texts("events", possible.size());
    if (events.isEmpty() || !possible.containsAll(events)) {
      fields.reject("events", "must be a list of some of " + String.join(", ", possible));
    }
    return events;
  }

  /** Null when all are meant. */
  @Nullable List<String> instances() {
    if (!fields.has("instances") || fields.raw("instances").isNull()) {
      return null;
    }
    var instances = texts("instances", MOST_INSTANCES);
    if (instances.isEmpty() || !instances.stream().allMatch(InstanceId::isValid)) {
      fields.reject(
          "instances",
          "must be null, or a list of 1 to " + MOST_INSTANCES + " ids; each " + InstanceId.RULE);
    }
    return instances;
  }

  @Nullable String description() {
    var node = fields.raw("description");
    if (node.isMissingNode() || node.isNull()) {
      return null;
    }
    if (!node.isString()
        || node.asString().length() > LONGEST_DESCRIPTION
        || !Fields.isPlain(node.asString())) {
      fields.reject(
          "description", "must be text of at most " + LONGEST_DESCRIPTION + " characters, or null");
    }
    return node.asString("");
  }

  /** Which account of Chatwoot, and whether its contacts' own avatars may be replaced. */
  ObjectNode settings(EndpointKind kind) {
    var settings = JsonNodeFactory.instance.objectNode();
    var given = fields.raw("settings");
    if (kind == EndpointKind.WEBHOOK) {
      if (!given.isMissingNode() && !given.isEmpty()) {
        fields.reject("settings", "must be absent: a webhook has none");
      }
      return settings;
    }
    var account = given.path("account_id");
    if (!account.isIntegralNumber() || !account.canConvertToInt() || account.asInt() < 1) {
      fields.reject("settings.account_id", "is required: the number of the account in Chatwoot");
      return settings;
    }
    var overwrite = given.path("overwrite");
    if (!overwrite.isMissingNode() && !overwrite.isBoolean()) {
      fields.reject("settings.overwrite", "must be true or false");
    }
    return settings.put("account_id", account.asInt()).put("overwrite", overwrite.asBoolean(false));
  }

  /** The access token of Chatwoot; a webhook's secret is made here. */
  @Nullable String credential(EndpointKind kind) {
    var node = fields.raw("credential");
    if (kind == EndpointKind.WEBHOOK) {
      if (!node.isMissingNode()) {
        fields.reject("credential", "must be absent: a webhook's secret is made here");
      }
      return null;
    }
    var credential = node.asString("").strip();
    if (!SourceCredentials.fitsHeader(credential)) {
      fields.reject("credential", "is required: an api_access_token of Chatwoot");
    }
    return credential;
  }

  boolean flag(String name) {
    if (!fields.raw(name).isBoolean()) {
      fields.reject(name, "must be true or false");
    }
    return fields.raw(name).asBoolean(false);
  }

  void reject(String name, String message) {
    fields.reject(name, message);
  }

  private List<String> texts(String name, int most) {
    var list = fields.raw(name);
    var texts = new LinkedHashSet<String>();
    if (list.isArray() && list.size() <= most) {
      list.forEach(each -> texts.add(each.isString() ? each.asString() : ""));
    }
    return new ArrayList<>(texts);
  }
}
