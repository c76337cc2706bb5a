package dev.profilepic.faults;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The real worker as a process of the operating system, so that tests can kill and stop it. Its
 * output goes to {@code target/faults/}.
 */
final class WorkerProcess implements AutoCloseable {

  private static final Duration LONGEST_SCRAPE = Duration.ofSeconds(2);

  private final Process process;
  private final int managementPort;
  private final HttpClient http = HttpClient.newHttpClient();

  private WorkerProcess(Process process, int managementPort) {
    this.process = process;
    this.managementPort = managementPort;
  }

  /**
   * Starts a worker, and does not wait for it.
   *
   * @param name the name of the worker's log
   * @param settings Spring properties
   */
  static WorkerProcess start(String name, Map<String, String> settings) throws IOException {
    var arguments =
        settings.entrySet().stream()
            .map(set -> "--" + set.getKey() + "=" + set.getValue())
            .toList();
    return launch(name, WorkerImage.command(), arguments);
  }

  /**
   * @param java the command line up to the program's arguments
   */
  static WorkerProcess launch(String name, List<String> java, List<String> arguments)
      throws IOException {
    int port = freePort();
    var command = new ArrayList<>(java);
    command.addAll(arguments);
    command.add("--server.port=" + port);
    command.add("--server.address=127.0.0.1");
    command.add("--logging.structured.format.console=");
    Files.createDirectories(WorkerImage.DIRECTORY);
    var log = Files.createTempFile(WorkerImage.DIRECTORY, name + "-", ".log").toFile();
    var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
    // An interrupted test run leaves no worker behind.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    return new WorkerProcess(process, port);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Returns whether the worker is up, with or without a database. */
  boolean isLive() {
    return isAlive() && scrape("/actuator/health/liveness").contains("\"UP\"");
  }

  /** Returns whether the worker reports that it is ready to work. */
  boolean isReady() {
    return isAlive() && scrape("/actuator/health/readiness").contains("\"UP\"");
  }

  /**
   * Returns a metric of the worker by its name in Prometheus, all label values together. Returns
   * zero while the worker does not answer.
   */
  double metric(String name) {
    return scrape("/actuator/prometheus")
        .lines()
        .filter(line -> line.matches(name + "(\\{.*})? .*"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** Sends SIGKILL: the worker gets no chance to react. */
  void kill() {
    process.destroyForcibly();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new IllegalStateException("a killed worker did not die: " + process.pid());
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends SIGTERM: the worker may shut down in order. */
  void terminate() {
    process.destroy();
  }

  /**
   * Sends SIGSTOP: the worker stands still, as in a long garbage collection or on a suspended
   * machine.
   */
  void freeze() {
    signal("STOP");
  }

  /** Sends SIGCONT: the worker continues, and has not noticed the lost time. */
  void thaw() {
    signal("CONT");
  }

  @Override
  public void close() {
    kill();
  }

  private void signal(String signal) {
    try {
      int status =
          new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("kill -" + signal + " ended with " + status);
      }
    } catch (IOException failure) {
      throw new IllegalStateException("kill could not be run", failure);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private String scrape(String path) {
    var request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + path))
            .timeout(LONGEST_SCRAPE)
            .build();
    try {
      return http.send(request, BodyHandlers.ofString()).body();
    } catch (IOException notUp) {
      return "";
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
