package dev.profilepic.fuzz;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The options that {@code bin/fuzz} passes to the program.
 *
 * @param count number of inputs
 * @param from number of the first input
 * @param receiver the receiver's port
 * @param services management ports by process id
 */
record Options(
    long count,
    long from,
    long seed,
    String database,
    int receiver,
    Map<Long, Integer> services,
    Path openapi,
    Path samples) {

  /**
   * @param args {@code --name value}, in any order; {@code --service PID:PORT} more than once
   */
  static Options read(String[] args) {
    var values = new HashMap<String, String>();
    var services = new HashMap<Long, Integer>();
    for (int i = 0; i + 1 < args.length; i += 2) {
      if (args[i].equals("--service")) {
        var parts = args[i + 1].split(":", 2);
        services.put(Long.valueOf(parts[0]), Integer.valueOf(parts[1]));
      } else {
        values.put(args[i], args[i + 1]);
      }
    }
    return new Options(
        Long.parseLong(required(values, "--count")),
        Long.parseLong(required(values, "--from")),
        Long.parseLong(required(values, "--seed")),
        required(values, "--database"),
        Integer.parseInt(required(values, "--receiver")),
        Map.copyOf(services),
        Path.of(required(values, "--openapi")),
        Path.of(required(values, "--samples")));
  }

  private static String required(Map<String, String> values, String name) {
    var value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }
}
