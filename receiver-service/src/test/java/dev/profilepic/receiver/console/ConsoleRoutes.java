package dev.profilepic.receiver.console;

import java.util.List;
import java.util.function.Function;

/**
 * Every route of the console, with the right that it needs and its response to a key of another
 * instance.
 */
final class ConsoleRoutes {

  /** The right that a route needs. */
  enum Needs {
    NOBODY,
    READ,
    OPERATE
  }

  /** The response of a route to a key of another instance. */
  enum Foreign {
    /** The route answers as if the item did not exist, and changes nothing. */
    REFUSED,
    /** The route answers without the data of other instances. */
    LEFT_OUT,
    /** The route is only for keys that are bound to no instance. */
    FORBIDDEN
  }

  /**
   * @param path of a request that succeeds for a caller with the right
   * @param form the form to send, for POST
   */
  record Row(
      String route, Needs needs, Foreign foreign, Function<Things, String> path, String form) {}

  /**
   * One item of each kind that belongs to an instance.
   *
   * @param mark a text that identifies the lead in every list
   */
  record Things(
      String instance,
      String lead,
      String mark,
      long letter,
      long sync,
      long endpoint,
      long delivery) {}

  static final List<Row> ROWS =
      List.of(
          get("/console/sign-in", Needs.NOBODY, Foreign.LEFT_OUT, it -> "/console/sign-in"),
          get("/", Needs.READ, Foreign.LEFT_OUT, it -> "/"),
          get(
              "/console/overview/live",
              Needs.READ,
              Foreign.LEFT_OUT,
              it -> "/console/overview/live"),
          get(
              "/console/overview/charts",
              Needs.READ,
              Foreign.LEFT_OUT,
              it -> "/console/overview/charts"),
          get("/console/leads", Needs.READ, Foreign.LEFT_OUT, it -> "/console/leads"),
          get("/console/leads", Needs.READ, Foreign.LEFT_OUT, it -> "/console/leads?state=NOT_SET"),
          get(
              "/console/leads",
              Needs.READ,
              Foreign.LEFT_OUT,
              it -> "/console/leads?q=" + it.mark()),
          get(
              "/console/leads",
              Needs.READ,
              Foreign.LEFT_OUT,
              it -> "/console/leads?q=" + it.lead()),
          get(
              "/console/leads/{id}",
              Needs.READ,
              Foreign.REFUSED,
              it -> "/console/leads/" + it.lead()),
          post("/console/leads/{id}/refresh", it -> "/console/leads/" + it.lead() + "/refresh", ""),
          post(
              "/console/leads/{id}/erase",
              it -> "/console/leads/" + it.lead() + "/erase",
              "confirmation=LEAD"),
          post("/console/leads/{id}/allow", it -> "/console/leads/" + it.lead() + "/allow", ""),
          post(
              "/console/leads/{id}/revoke-links",
              it -> "/console/leads/" + it.lead() + "/revoke-links",
              ""),
          get("/console/instances", Needs.READ, Foreign.LEFT_OUT, it -> "/console/instances"),
          get(
              "/console/instances/{id}",
              Needs.READ,
              Foreign.REFUSED,
              it -> "/console/instances/" + it.instance()),
          get(
              "/console/instances/{id}/connection",
              Needs.READ,
              Foreign.REFUSED,
              it -> "/console/instances/" + it.instance() + "/connection"),
          get(
              "/console/instances/{id}/qr.png",
              Needs.OPERATE,
              Foreign.REFUSED,
              it -> "/console/instances/" + it.instance() + "/qr.png"),
          post("/console/instances", it -> "/console/instances", "id=INSTANCE"),
          post(
              "/console/instances/{id}/connect",
              it -> "/console/instances/" + it.instance() + "/connect",
              ""),
          post(
              "/console/instances/{id}/pairing-code",
              it -> "/console/instances/" + it.instance() + "/pairing-code",
              "phone=5511900000009"),
          post(
              "/console/instances/{id}/pause",
              it -> "/console/instances/" + it.instance() + "/pause",
              ""),
          post(
              "/console/instances/{id}/resume",
              it -> "/console/instances/" + it.instance() + "/resume",
              ""),
          post(
              "/console/instances/{id}/pace",
              it -> "/console/instances/" + it.instance() + "/pace",
              "pace=7"),
          post(
              "/console/instances/{id}/quiet-hours",
              it -> "/console/instances/" + it.instance() + "/quiet-hours",
              ""),
          post(
              "/console/instances/{id}/working-hours",
              it -> "/console/instances/" + it.instance() + "/working-hours",
              ""),
          get("/console/syncs", Needs.READ, Foreign.LEFT_OUT, it -> "/console/syncs"),
          get("/console/syncs/live", Needs.READ, Foreign.LEFT_OUT, it -> "/console/syncs/live"),
          post("/console/syncs", it -> "/console/syncs", "instance=INSTANCE&dry=true"),
          post("/console/syncs/{id}/pause", it -> "/console/syncs/" + it.sync() + "/pause", ""),
          post("/console/syncs/{id}/resume", it -> "/console/syncs/" + it.sync() + "/resume", ""),
          post("/console/syncs/{id}/cancel", it -> "/console/syncs/" + it.sync() + "/cancel", ""),
          get("/console/dead-letters", Needs.READ, Foreign.LEFT_OUT, it -> "/console/dead-letters"),
          get(
              "/console/dead-letters/{id}/payload",
              Needs.OPERATE,
              Foreign.REFUSED,
              it -> "/console/dead-letters/" + it.letter() + "/payload"),
          leftOut(
              "/console/dead-letters/replay", it -> "/console/dead-letters/replay", "id=LETTER"),
          leftOut("/console/dead-letters/drop", it -> "/console/dead-letters/drop", "id=LETTER"),
          get("/console/webhooks", Needs.READ, Foreign.LEFT_OUT, it -> "/console/webhooks"),
          get(
              "/console/webhooks/{id}",
              Needs.READ,
              Foreign.REFUSED,
              it -> "/console/webhooks/" + it.endpoint()),
          post(
              "/console/webhooks/{id}/deliveries/{delivery}/replay",
              it ->
                  "/console/webhooks/" + it.endpoint() + "/deliveries/" + it.delivery() + "/replay",
              ""),
          get("/console/keys", Needs.OPERATE, Foreign.FORBIDDEN, it -> "/console/keys"),
          new Row(
              "post /console/keys",
              Needs.OPERATE,
              Foreign.FORBIDDEN,
              it -> "/console/keys",
              "name=MARK&scope=read"),
          new Row(
              "post /console/keys/{id}/revoke",
              Needs.OPERATE,
              Foreign.FORBIDDEN,
              it -> "/console/keys/KEY/revoke",
              ""),
          get("/console/log", Needs.OPERATE, Foreign.FORBIDDEN, it -> "/console/log"),
          new Row(
              "post /console/sign-out",
              Needs.READ,
              Foreign.LEFT_OUT,
              it -> "/console/sign-out",
              ""),
          new Row(
              "post /console/sign-in",
              Needs.NOBODY,
              Foreign.LEFT_OUT,
              it -> "/console/sign-in",
              "key=local-dev-key"));

  private ConsoleRoutes() {}

  private static Row get(
      String route, Needs needs, Foreign foreign, Function<Things, String> path) {
    return new Row("get " + route, needs, foreign, path, "");
  }

  private static Row post(String route, Function<Things, String> path, String form) {
    return new Row("post " + route, Needs.OPERATE, Foreign.REFUSED, path, form);
  }

  private static Row leftOut(String route, Function<Things, String> path, String form) {
    return new Row("post " + route, Needs.OPERATE, Foreign.LEFT_OUT, path, form);
  }
}
