package dev.profilepic.faults;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Baileys bridge that misbehaves on command. Each worker reaches the bridge under a separate
 * path, so the bridge knows which worker asks. The bridge remembers every question and every
 * answer.
 */
final class FaultyBridge implements AutoCloseable {

  private static final Pattern PATH = Pattern.compile("/([^/]+)/instances/([^/]+)/profile-picture");
  private static final Pattern PHONE = Pattern.compile("(?:^|&)phone=([0-9]+)");

  /**
   * @param worker name of the process that asks
   * @param instance the WhatsApp number that the process asks through
   * @param phone the phone whose picture is wanted
   */
  record Question(String worker, String instance, String phone) {}

  /** The bridge's reaction to a question. */
  sealed interface Answer {
    /**
     * @param pictureId names the picture, and the file that the CDN serves
     */
    record Found(String pictureId) implements Answer {}

    /**
     * @param code HTTP status
     * @param retryAfter seconds; null sends no such header
     */
    record Failed(int code, @Nullable Integer retryAfter) implements Answer {}
  }

  /**
   * Decides on the request's own virtual thread. The bridge hangs while the decision blocks there.
   */
  @FunctionalInterface
  interface Behaviour {
    Answer on(Question question) throws InterruptedException;
  }

  record Answered(Question question, Answer answer) {}

  private final FaultyCdn cdn;
  private final int port;
  private final Queue<Question> questions = new ConcurrentLinkedQueue<>();
  private final Queue<Answered> answers = new ConcurrentLinkedQueue<>();
  private volatile Behaviour behaviour = FaultyBridge::found;
  private HttpServer server;
  private ExecutorService threads;

  FaultyBridge(FaultyCdn cdn) throws IOException {
    this.cdn = cdn;
    this.threads = Executors.newVirtualThreadPerTaskExecutor();
    this.server = listen(0);
    this.port = server.getAddress().getPort();
  }

  /** Returns a picture that never changes, one per phone. */
  static Answer found(Question question) {
    return new Answer.Found(question.phone());
  }

  /** Returns a picture after a delay. */
  static Answer foundAfter(Duration delay, Question question) throws InterruptedException {
    var nobody = new CountDownLatch(1);
    nobody.await(delay.toMillis(), TimeUnit.MILLISECONDS);
    return found(question);
  }

  /** Gives no answer for as long as the bridge is up. */
  static Answer silence() throws InterruptedException {
    new CountDownLatch(1).await();
    throw new IllegalStateException("nobody ends the silence");
  }

  /** Returns the base url under which one worker reaches the bridge. */
  String urlFor(String worker) {
    return "http://127.0.0.1:" + port + "/" + worker;
  }

  void behave(Behaviour behaviour) {
    this.behaviour = behaviour;
  }

  void behaveWell() {
    behave(FaultyBridge::found);
  }

  /** Returns every question so far, in the order of arrival. */
  List<Question> questions() {
    return List.copyOf(questions);
  }

  List<Answered> answers() {
    return List.copyOf(answers);
  }

  /** Refuses connections from now on, and drops existing connections. */
  void goDown() {
    server.stop(0);
    threads.shutdownNow();
  }

  /** Comes back on the same port. */
  void comeBack() throws IOException {
    threads = Executors.newVirtualThreadPerTaskExecutor();
    server = listen(port);
  }

  @Override
  public void close() {
    goDown();
  }

  private HttpServer listen(int onPort) throws IOException {
    var listening =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), onPort), 1024);
    listening.setExecutor(threads);
    listening.createContext("/", this::answer);
    listening.start();
    return listening;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      var path = PATH.matcher(exchange.getRequestURI().getPath());
      var phone = PHONE.matcher(exchange.getRequestURI().getQuery());
      if (!path.matches() || !phone.find()) {
        exchange.sendResponseHeaders(400, -1);
        return;
      }
      var question = new Question(path.group(1), path.group(2), phone.group(1));
      questions.add(question);
      var answer = behaviour.on(question);
      answers.add(new Answered(question, answer));
      send(exchange, answer);
    } catch (InterruptedException goingDown) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(HttpExchange exchange, Answer answer) throws IOException {
    switch (answer) {
      case Answer.Found(var pictureId) -> {
        var body =
            "{\"status\":\"found\",\"url\":\"%s\",\"picture_id\":\"%s\"}"
                .formatted(cdn.urlOf(pictureId), pictureId)
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
      case Answer.Failed(int code, var retryAfter) -> {
        if (retryAfter != null) {
          exchange.getResponseHeaders().set("Retry-After", retryAfter.toString());
        }
        // Only the bridge's own words give a lead up.
        var body =
            code == 400
                ? "{\"status\":\"bad_request\"}".getBytes(StandardCharsets.UTF_8)
                : new byte[0];
        exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }
}
