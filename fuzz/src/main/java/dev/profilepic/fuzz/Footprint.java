package dev.profilepic.fuzz;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/**
 * The memory and threads that a service holds when it has nothing to do.
 *
 * @param heapMegabytes after a garbage collection
 * @param threads virtual threads included
 */
record Footprint(long heapMegabytes, long threads) {

  private static final int MOST_MEGABYTES = 24;
  private static final int MOST_THREADS = 20;

  static Footprint of(long process, int managementPort) throws IOException, InterruptedException {
    jcmd(process, "GC.run");
    var threads = Files.createTempFile("threads", ".txt");
    try {
      jcmd(process, "Thread.dump_to_file", "-overwrite", threads.toString());
      try (var lines = Files.lines(threads)) {
        return new Footprint(
            heap(managementPort) >> 20, lines.filter(line -> line.startsWith("#")).count());
      }
    } finally {
      Files.delete(threads);
    }
  }

  /** Returns whether the growth is more than caches and chance explain. */
  boolean grewSince(Footprint before) {
    return heapMegabytes - before.heapMegabytes > MOST_MEGABYTES
        || threads - before.threads > MOST_THREADS;
  }

  @Override
  public String toString() {
    return heapMegabytes + " MB, " + threads + " threads";
  }

  private static void jcmd(long process, String... command)
      throws IOException, InterruptedException {
    var words = new java.util.ArrayList<String>();
    words.add(System.getProperty("java.home") + "/bin/jcmd");
    words.add(Long.toString(process));
    words.addAll(java.util.List.of(command));
    var jcmd = new ProcessBuilder(words).redirectErrorStream(true).start();
    var said =
        new String(jcmd.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    if (!jcmd.waitFor(60, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
      throw new IOException("jcmd failed: " + said);
    }
  }

  private static long heap(int managementPort) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      var metrics =
          client.send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + managementPort + "/actuator/prometheus"))
                  .build(),
              BodyHandlers.ofString());
      return metrics
          .body()
          .lines()
          .filter(line -> line.startsWith("jvm_memory_used_bytes{area=\"heap\""))
          .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }
  }
}
