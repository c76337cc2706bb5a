package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.database.Times;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The figures by minute, for charts. */
@Component
class Figures {

  /** The period of a chart. */
  enum Range {
    HOUR(Duration.ofHours(1), Duration.ofMinutes(1)),
    DAY(Duration.ofDays(1), Duration.ofMinutes(10));

    private final Duration length;
    private final Duration step;

    Range(Duration length, Duration step) {
      this.length = length;
      this.step = step;
    }
  }

  /**
   * A line of a chart.
   *
   * @param name a figure, such as {@code outcome.STORED}
   * @param values one per time; null where the value is unknown
   */
  record Line(String name, List<@Nullable Double> values) {}

  /**
   * Charts that share their times.
   *
   * @param times in epoch seconds
   * @param depth how many messages wait: ready, paced, delayed, leased
   * @param oldest how long the oldest message has been waiting, in seconds
   * @param outcomes lookups per minute, by outcome
   * @param seconds from event to photo: the time within which 50 % and 95 % were done
   * @param events per minute, by source and result
   */
  record Charts(
      List<Long> times,
      List<Line> depth,
      List<Line> oldest,
      List<Line> outcomes,
      List<Line> seconds,
      List<Line> events) {}

  private final JdbcClient jdbc;
  private final InstantSource clock;

  Figures(OperatorDatabase database, InstantSource clock) {
    this.jdbc = database.jdbc();
    this.clock = clock;
  }

  Charts charts(Caller caller, Range range) {
    long step = range.step.toSeconds();
    long end = clock.instant().getEpochSecond() / step * step;
    long begin = end - range.length.toSeconds();
    var times = new ArrayList<Long>();
    for (long time = begin; time <= end; time += step) {
      times.add(time);
    }
    var found = read(caller, begin, range.step);
    var minutes = step / 60.0;
    return new Charts(
        times,
        lines(found, times, "depth.", 1).stream()
            .filter(line -> !List.of("depth.oldest", "depth.dead").contains(line.name()))
            .toList(),
        lines(found, times, "depth.oldest", 1),
        counted(lines(found, times, "outcome.", minutes), found, times),
        List.of(percentile(found, times, 0.5), percentile(found, times, 0.95)),
        counted(lines(found, times, "event.", minutes), found, times));
  }

  /**
   * Events and webhooks of the last day.
   *
   * @param result queued, duplicate, …
   */
  record Events(String source, String result, long events) {}

  /** Returns the events and webhooks of the last day, by source and result. */
  List<Events> events(Caller caller) {
    var counts = new TreeMap<String, Long>();
    long begin = clock.instant().getEpochSecond() - Range.DAY.length.toSeconds();
    read(caller, begin, Range.DAY.length)
        .values()
        .forEach(figures ->
            figures.forEach((name, value) -> {
              if (name.startsWith("event.")) {
                counts.merge(name, Math.round(value), Long::sum);
              }
            }));
    return counts.entrySet().stream()
        .map(entry -> {
          var parts = entry.getKey().split("\\.", 3);
          return new Events(parts[1], parts.length > 2 ? parts[2] : "", entry.getValue());
        })
        .toList();
  }

  private Map<Long, Map<String, Double>> read(Caller caller, long begin, Duration step) {
    var found = new TreeMap<Long, Map<String, Double>>();
    jdbc.sql(
            "SELECT at, figure, value FROM profile_pic.list_figures(?::text[], ?, ? * interval '1 second')")
        .param(caller.reach())
        .param(Instant.ofEpochSecond(begin).atOffset(ZoneOffset.UTC))
        .param(step.toSeconds())
        .query(row -> {
          found
              .computeIfAbsent(Times.of(row, "at").getEpochSecond(), at -> new TreeMap<>())
              .put(row.getString("figure"), row.getDouble("value"));
        });
    return found;
  }

  private static List<Line> lines(
      Map<Long, Map<String, Double>> found, List<Long> times, String prefix, double minutes) {
    var names = new TreeSet<String>();
    found.values().forEach(figures -> names.addAll(figures.keySet()));
    return names.stream()
        .filter(name -> name.startsWith(prefix))
        .map(name -> new Line(name, values(found, times, name, minutes)))
        .toList();
  }

  private static List<@Nullable Double> values(
      Map<Long, Map<String, Double>> found, List<Long> times, String name, double minutes) {
    var values = new ArrayList<@Nullable Double>();
    for (var time : times) {
      var value = found.getOrDefault(time, Map.of()).get(name);
      values.add(value == null ? null : value / minutes);
    }
    return values;
  }

  /** Puts 0 in place of a missing count at the times for which other figures are known. */
  private static List<Line> counted(
      List<Line> lines, Map<Long, Map<String, Double>> found, List<Long> times) {
    return lines.stream()
        .map(line -> {
          var values = new ArrayList<@Nullable Double>();
          for (int i = 0; i < times.size(); i++) {
            var value = line.values().get(i);
            values.add(
                value == null && found.containsKey(times.get(i)) ? Double.valueOf(0) : value);
          }
          return new Line(line.name(), values);
        })
        .toList();
  }

  /**
   * Returns the percentile from counts by class: the upper bound of the class into which the
   * percentile falls.
   */
  private static Line percentile(
      Map<Long, Map<String, Double>> found, List<Long> times, double part) {
    var values = new ArrayList<@Nullable Double>();
    for (var time : times) {
      var classes = new TreeMap<Double, Double>();
      found
          .getOrDefault(time, Map.of())
          .forEach((name, count) -> {
            if (name.startsWith("seconds.")) {
              classes.put(Double.valueOf(name.substring("seconds.".length())), count);
            }
          });
      values.add(percentile(classes, part));
    }
    return new Line("seconds.p" + Math.round(part * 100), values);
  }

  static @Nullable Double percentile(Map<Double, Double> byUpperBound, double part) {
    double all = byUpperBound.values().stream().mapToDouble(Double::doubleValue).sum();
    double passed = 0;
    for (var each : new TreeMap<>(byUpperBound).entrySet()) {
      passed += each.getValue();
      if (all > 0 && passed >= part * all) {
        return each.getKey();
      }
    }
    return null;
  }
}
