package dev.profilepic.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Bodies that gateways really sent, as kept for the tests of the webhooks. */
public final class Samples {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Samples() {}

  /**
   * @param directory holds a body per {@code .json} file and a recorded request per line of {@code
   *     .jsonl} files, in folders too
   */
  public static List<String> in(Path directory) throws IOException {
    var samples = new ArrayList<String>();
    try (var files = Files.walk(directory)) {
      for (var file : files.sorted().toList()) {
        if (file.toString().endsWith(".json")) {
          samples.add(Files.readString(file));
        } else if (file.toString().endsWith(".jsonl")) {
          Files.readAllLines(file)
              .forEach(line -> samples.add(JSON.readTree(line).path("body").toString()));
        }
      }
    }
    return List.copyOf(samples);
  }
}
