package dev.profilepic.receiver.instances;

import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.instances.Instance.QuietHours;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A change of an instance. An empty outer optional leaves a setting as it is. An empty inner
 * optional resets it to its default.
 */
record InstanceChange(
    Optional<Optional<Integer>> pace,
    Optional<Boolean> paused,
    Optional<Optional<QuietHours>> quietHours,
    Optional<Optional<WorkingHours>> workingHours,
    Optional<Optional<SourceChange>> source) {

  /**
   * @param bound whether the caller's key is bound to single instances
   * @throws dev.profilepic.receiver.http.ProblemException naming every wrong field
   */
  static InstanceChange read(@Nullable JsonNode body, SourceRules rules, boolean bound) {
    var fields = Fields.of(body);
    var pace = fields.optionalInteger("pace_per_minute", 1, 6_000_000);
    var paused = fields.optionalFlag("paused");
    var quiet = quietHours(fields);
    var working = WorkingHours.read(fields);
    boolean names = fields.has("source") && !fields.raw("source").isNull();
    Optional<SourceChange> source =
        names ? SourceChange.read(fields, rules, bound) : Optional.empty();
    fields.check();
    return new InstanceChange(
        fields.has("pace_per_minute") ? Optional.of(Optional.ofNullable(pace)) : Optional.empty(),
        fields.raw("paused").isBoolean() ? Optional.of(paused) : Optional.empty(),
        fields.has("quiet_hours") ? Optional.of(quiet) : Optional.empty(),
        fields.has("working_hours") ? Optional.of(working) : Optional.empty(),
        fields.has("source") ? Optional.of(source) : Optional.empty());
  }

  /**
   * Returns the change in the form of {@code profile_pic.change_instance}: only the settings that
   * change.
   *
   * @param seal seals a source's credential; null when the source has none
   */
  ObjectNode toJson(Function<SourceChange, @Nullable String> seal) {
    var json = JsonNodeFactory.instance.objectNode();
    pace.ifPresent(value -> json.put("pace_per_minute", value.orElse(null)));
    paused.ifPresent(value -> json.put("paused", value));
    quietHours.ifPresent(value ->
        value.ifPresentOrElse(
            quiet ->
                json.putObject("quiet_hours")
                    .put("from", quiet.from())
                    .put("to", quiet.to())
                    .put("zone", quiet.zone()),
            () -> json.putNull("quiet_hours")));
    workingHours.ifPresent(value ->
        value.ifPresentOrElse(
            working -> {
              var put =
                  json.putObject("working_hours")
                      .put("from", working.from())
                      .put("to", working.to())
                      .put("zone", working.zone());
              var days = put.putArray("days");
              working.numberedDays().forEach(days::add);
            },
            () -> json.putNull("working_hours")));
    source.ifPresent(value ->
        value.ifPresentOrElse(
            told ->
                json.putObject("source")
                    .put("kind", told.kind().id())
                    .put("url", told.url())
                    .put("name", told.name())
                    .put("credential_env", told.variable())
                    .put("sealed", seal.apply(told)),
            () -> json.putNull("source")));
    return json;
  }

  private static Optional<QuietHours> quietHours(Fields fields) {
    var node = fields.raw("quiet_hours");
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new QuietHours(
              LocalTime.parse(node.path("from").asString("")).toString(),
              LocalTime.parse(node.path("to").asString("")).toString(),
              region(node.path("zone").asString(""))));
    } catch (DateTimeException wrong) {
      fields.reject(
          "quiet_hours",
          "must be {from: \"22:00\", to: \"07:00\", zone: \"America/Sao_Paulo\"} or null");
      return Optional.empty();
    }
  }

  /**
   * Returns a zone that is a region. PostgreSQL reads an offset such as {@code -03:00} with the
   * opposite sign, so only regions are allowed.
   */
  private static String region(String zone) {
    if (!isRegion(zone)) {
      throw new DateTimeException("not a region");
    }
    return zone;
  }

  /**
   * Returns whether a zone is a region. The zones of System V exist in Java only, so they are not
   * allowed.
   */
  static boolean isRegion(String zone) {
    return ZoneId.getAvailableZoneIds().contains(zone) && !zone.startsWith("SystemV/");
  }
}
