package dev.profilepic.receiver.tenants;

import dev.profilepic.receiver.support.Http;
import dev.profilepic.receiver.support.Http.Answer;
import java.util.List;
import java.util.function.Function;

/** Every route of the API, and its behaviour towards data of other instances. */
final class TenantRoutes {

  static final String EVENT = "{\"lead_id\": \"%s\", \"phone\": \"%s\"}";
  private static final String WEBHOOK =
      """
      {"event": "messages.upsert", "data": [{"key": {"remoteJid": "%s@s.whatsapp.net", "id": "%s"}, "message": {"conversation": "hi"}}]}
      """;

  /** A route's behaviour towards data of other instances. */
  sealed interface Row {

    String route();

    /**
     * The route names one item. A foreign item gives the same response as a missing item, and stays
     * unchanged.
     *
     * @param nobodys whether a bound key may use the route for a lead without an owner
     */
    record Names(String route, boolean nobodys, Call call) implements Row {}

    /** The route names an instance, so every item has an owner. */
    record NamesInstance(String route, Call call) implements Row {}

    /**
     * The route lists items.
     *
     * @param mark the text that identifies an element of the list
     */
    record Lists(String route, String path, Function<Tenant, String> mark) implements Row {}

    /** The route reports on all instances, so it is only for keys that are bound to no instance. */
    record UnboundOnly(String route, String path) implements Row {}

    /** The route needs no key, or reports nothing about any instance. */
    record Open(String route, String why) implements Row {}
  }

  interface Call {
    Answer by(Http caller, Tenant thing);
  }

  static final List<Row> ROWS =
      List.of(
          new Row.Names(
              "post /profile-pics",
              true,
              (by, it) -> by.post("/profile-pics", EVENT.formatted(it.lead(), it.phone()))),
          new Row.NamesInstance(
              "post /profile-pics",
              (by, it) ->
                  by.post(
                      "/profile-pics",
                      "{\"lead_id\": \"%s\", \"phone\": \"%s\", \"instance_id\": \"%s\"}"
                          .formatted(it.lead(), it.phone(), it.instance()))),
          new Row.NamesInstance(
              "post /instance/{instance}/process-profile-pic",
              (by, it) ->
                  by.post(
                      "/instance/" + it.instance() + "/process-profile-pic",
                      EVENT.formatted(it.lead(), it.phone()))),
          new Row.Names(
              "post /webhooks/{kind}",
              true,
              (by, it) -> by.post("/webhooks/fazer", WEBHOOK.formatted(it.phone(), it.lead()))),
          new Row.Names(
              "post /webhooks/{kind}/{event}",
              true,
              (by, it) ->
                  by.post(
                      "/webhooks/fazer/messages-upsert", WEBHOOK.formatted(it.phone(), it.lead()))),
          new Row.Names(
              "post /webhooks/{kind}",
              true,
              (by, it) ->
                  by.post(
                      "/webhooks/whatsapp-web",
                      "{\"from\": \"%s@s.whatsapp.net\", \"leadId\": \"%s\", \"fromMe\": false}"
                          .formatted(it.phone(), it.lead()))),
          new Row.Lists(
              "get /webhooks/unrecognised", "/webhooks/unrecognised", it -> quoted(it.instance())),
          new Row.NamesInstance(
              "post /instance/{instance}/sync-profile-pics-bulk",
              (by, it) -> {
                by.post("/syncs/" + it.sync() + "/cancel", "");
                return by.post("/instance/" + it.instance() + "/sync-profile-pics-bulk", "{}");
              }),
          new Row.Lists("get /bulk-sync-status", "/bulk-sync-status", it -> quoted(it.instance())),
          new Row.Lists("get /syncs", "/syncs", it -> quoted(it.instance())),
          new Row.NamesInstance("get /syncs/{id}", (by, it) -> by.get("/syncs/" + it.sync())),
          new Row.NamesInstance(
              "post /syncs/{id}/pause", (by, it) -> by.post("/syncs/" + it.sync() + "/pause", "")),
          new Row.NamesInstance(
              "post /syncs/{id}/resume",
              (by, it) -> by.post("/syncs/" + it.sync() + "/resume", "")),
          new Row.NamesInstance(
              "post /syncs/{id}/cancel",
              (by, it) -> by.post("/syncs/" + it.sync() + "/cancel", "")),
          new Row.Names(
              "get /leads/{id}/profile-pic",
              false,
              (by, it) -> by.get("/leads/" + it.lead() + "/profile-pic")),
          new Row.Names(
              "delete /leads/{id}/profile-pic",
              false,
              (by, it) -> by.delete("/leads/" + it.lead() + "/profile-pic")),
          new Row.Names(
              "post /leads/{id}/profile-pic/allow",
              false,
              (by, it) -> by.post("/leads/" + it.lead() + "/profile-pic/allow", "")),
          new Row.Names(
              "post /leads/{id}/profile-pic/revoke-links",
              false,
              (by, it) -> by.post("/leads/" + it.lead() + "/profile-pic/revoke-links", "")),
          new Row.Names(
              "post /leads/{id}/profile-pic/refresh",
              false,
              (by, it) -> by.post("/leads/" + it.lead() + "/profile-pic/refresh", "")),
          new Row.Names(
              "get /leads/{id}/profile-pic/history",
              false,
              (by, it) -> by.get("/leads/" + it.lead() + "/profile-pic/history")),
          new Row.Lists("get /instances", "/instances", it -> quoted(it.instance())),
          new Row.NamesInstance(
              "patch /instances/{id}",
              (by, it) -> by.patch("/instances/" + it.instance(), "{\"pace_per_minute\": 7}")),
          new Row.Lists("get /dead-letters", "/dead-letters?limit=200", it -> quoted(it.lead())),
          new Row.Names(
              "post /dead-letters/replay",
              false,
              (by, it) -> by.post("/dead-letters/replay", "{\"ids\": [" + it.letter() + "]}")),
          new Row.Names(
              "delete /dead-letters/{id}",
              false,
              (by, it) -> by.delete("/dead-letters/" + it.letter())),
          new Row.Lists(
              "get /webhook-endpoints",
              "/webhook-endpoints?limit=200",
              it -> quoted(it.instance())),
          new Row.NamesInstance(
              "post /webhook-endpoints",
              (by, it) ->
                  by.post(
                      "/webhook-endpoints",
                      "{\"url\": \"https://example.com/x\", \"instances\": [\"%s\"]}"
                          .formatted(it.instance()))),
          new Row.NamesInstance(
              "get /webhook-endpoints/{id}",
              (by, it) -> by.get("/webhook-endpoints/" + it.endpoint())),
          new Row.NamesInstance(
              "patch /webhook-endpoints/{id}",
              (by, it) -> by.patch("/webhook-endpoints/" + it.endpoint(), "{\"enabled\": false}")),
          new Row.NamesInstance(
              "delete /webhook-endpoints/{id}",
              (by, it) -> by.delete("/webhook-endpoints/" + it.endpoint())),
          new Row.NamesInstance(
              "get /webhook-endpoints/{id}/secret",
              (by, it) -> by.get("/webhook-endpoints/" + it.endpoint() + "/secret")),
          new Row.NamesInstance(
              "post /webhook-endpoints/{id}/secret/rotate",
              (by, it) -> by.post("/webhook-endpoints/" + it.endpoint() + "/secret/rotate", "")),
          new Row.NamesInstance(
              "get /webhook-endpoints/{id}/deliveries",
              (by, it) -> by.get("/webhook-endpoints/" + it.endpoint() + "/deliveries")),
          new Row.NamesInstance(
              "post /webhook-endpoints/{id}/replay",
              (by, it) ->
                  by.post(
                      "/webhook-endpoints/" + it.endpoint() + "/replay",
                      "{\"from\": \"2026-01-01T00:00:00Z\"}")),
          new Row.UnboundOnly("get /audit", "/audit"),
          new Row.Open("get /avatars/{leadId}", "a signed link, which only who may see it has"),
          new Row.Open("get /openapi.yaml", "the same for everybody"));

  private TenantRoutes() {}

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }
}
