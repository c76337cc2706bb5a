package dev.profilepic.receiver.instances;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.profilepic.receiver.http.Fields;
import java.time.DayOfWeek;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * The hours in which a number does background work: bulk syncs and refreshes.
 *
 * @param days on which the hours begin, as {@code monday}, in the order of the week
 * @param from local time, for example 09:00
 * @param to local time; on the next day when it is not later than {@code from}
 * @param zone a region, for example America/Sao_Paulo
 * @param isDefault whether these are the workers' default hours, because the number has no own
 *     hours
 */
public record WorkingHours(
    List<String> days,
    String from,
    String to,
    String zone,
    @JsonProperty("default") boolean isDefault) {

  private static final String FIELD = "working_hours";
  private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9]";

  /** The names of all days, in the order of the week. */
  public static final List<String> WEEK =
      Stream.of(DayOfWeek.values()).map(day -> day.name().toLowerCase(Locale.ROOT)).toList();

  /** Reads the hours from a call, if there are any, and reports their errors to the fields. */
  static Optional<WorkingHours> read(Fields fields) {
    var node = fields.raw(FIELD);
    if (node.isMissingNode() || node.isNull()) {
      return Optional.empty();
    }
    if (!node.isObject()) {
      fields.reject(
          FIELD,
          "must be {days: [\"monday\", \"friday\"], from: \"09:00\", to: \"18:00\", zone: \"America/Sao_Paulo\"} or null");
      return Optional.empty();
    }
    var zone = node.path("zone").asString("");
    if (!InstanceChange.isRegion(zone)) {
      fields.reject(FIELD + ".zone", "must be the name of a region, for example America/Sao_Paulo");
    }
    return Optional.of(
        new WorkingHours(
            days(fields, node.path("days")),
            time(fields, node, "from"),
            time(fields, node, "to"),
            zone,
            false));
  }

  /** Returns the database's numbers of the days: Monday is 1. */
  List<Integer> numberedDays() {
    return days.stream().map(day -> WEEK.indexOf(day) + 1).toList();
  }

  /** Returns the name of the day with this number. */
  static String dayOf(int number) {
    return WEEK.get(number - 1);
  }

  private static String time(Fields fields, JsonNode hours, String name) {
    var time = hours.path(name).asString("");
    if (!time.matches(TIME)) {
      fields.reject(FIELD + "." + name, "must be a time of day, HH:mm, from 00:00 to 23:59");
    }
    return time;
  }

  private static List<String> days(Fields fields, JsonNode list) {
    if (list.isMissingNode() || list.isNull()) {
      return WEEK;
    }
    var named = new ArrayList<String>();
    list.forEach(day -> named.add(day.asString("").strip().toLowerCase(Locale.ROOT)));
    if (!list.isArray() || named.isEmpty() || !WEEK.containsAll(named)) {
      fields.reject(
          FIELD + ".days",
          "must be a list of days such as monday, at least one; leave it out for every day");
    }
    return WEEK.stream().filter(named::contains).toList();
  }
}
