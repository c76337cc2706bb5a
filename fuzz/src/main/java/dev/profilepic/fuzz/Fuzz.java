package dev.profilepic.fuzz;

import dev.profilepic.fuzz.HostileMessages.HostileMessage;
import dev.profilepic.fuzz.Inputs.Input;
import dev.profilepic.fuzz.RawClient.Answer;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sends hostile requests and messages to a running receiver and worker, round by round, and checks
 * how both behave. Called by {@code bin/fuzz}. The exit status is 0 only if nothing went wrong.
 */
public final class Fuzz {

  private static final int ROUND = 2_000;
  private static final int CONNECTIONS = 8;
  // Longer than every limit of the receiver: an answer that takes longer never comes.
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SETTLING = Duration.ofSeconds(120);
  private static final int BUSY = 503;
  // Longer than the receiver's Retry-After.
  private static final Duration COME_BACK = Duration.ofSeconds(3);
  private static final String KEY = "local-dev-key";

  private final Options options;
  private final Stage stage;
  private final Inputs inputs;
  private final Map<Integer, LongAdder> statuses = new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<Long, String> offences = new ConcurrentSkipListMap<>();
  private final LongAdder toldToComeBack = new LongAdder();
  private long messages;

  private Fuzz(Options options, Stage stage, Inputs inputs) {
    this.options = options;
    this.stage = stage;
    this.inputs = inputs;
  }

  public static void main(String[] args) throws Exception {
    var options = Options.read(args);
    var inputs =
        new Inputs(
            options.seed(),
            new HostileRequests(
                Routes.in(Files.readString(options.openapi())),
                Samples.in(options.samples()),
                KEY,
                Stage.VICTIMS),
            new HostileMessages(Stage.VICTIMS));
    try (var stage = new Stage(options.database())) {
      System.exit(new Fuzz(options, stage, inputs).run() ? 0 : 1);
    }
  }

  private boolean run() throws Exception {
    long end = options.from() + options.count();
    // The first round fills caches and compiles the hot code; growth counts from there.
    Map<Long, Footprint> before = Map.of();
    for (long at = options.from(); at < end && offences.isEmpty(); at += ROUND) {
      round(at, Math.min(end, at + ROUND));
      if (before.isEmpty()) {
        before = footprints();
      }
      if ((at - options.from()) / ROUND % 10 == 9) {
        System.out.printf(
            "%d inputs, requests by status %s%n", at + ROUND - options.from(), statuses);
      }
    }
    return report(before, footprints());
  }

  private void round(long from, long to) throws Exception {
    stage.setUp();
    var sent = sendMessages(from, to);
    var next = new AtomicLong(from);
    try (var attackers = Executors.newFixedThreadPool(CONNECTIONS)) {
      var running = new ArrayList<java.util.concurrent.Future<?>>();
      for (int i = 0; i < CONNECTIONS; i++) {
        running.add(
            attackers.submit(() -> {
              attack(next, to);
              return null;
            }));
      }
      for (var each : running) {
        each.get();
      }
    }
    if (offences.isEmpty()) {
      judgeTheQueue(from, sent);
    }
  }

  /**
   * Sends the messages among the inputs. Returns the number of the input by the id of its message.
   */
  private Map<Long, Long> sendMessages(long from, long to) throws SQLException {
    var batch = new ArrayList<HostileMessage>();
    var numbers = new ArrayList<Long>();
    for (long index = from; index < to; index++) {
      if (inputs.number(index) instanceof Input.Message(var message)) {
        batch.add(message);
        numbers.add(index);
      }
    }
    var ids = batch.isEmpty() ? List.<Long>of() : stage.send(batch);
    messages += ids.size();
    var sent = new HashMap<Long, Long>();
    for (int i = 0; i < ids.size(); i++) {
      sent.put(ids.get(i), numbers.get(i));
    }
    return sent;
  }

  private void attack(AtomicLong next, long to) throws IOException, InterruptedException {
    try (var client = new RawClient(options.receiver(), PATIENCE)) {
      for (long index = next.getAndIncrement(); index < to; index = next.getAndIncrement()) {
        if (inputs.number(index) instanceof Input.Request(var request)) {
          exchange(client, index, request);
        }
      }
    }
  }

  private void exchange(RawClient client, long index, HostileRequest request)
      throws IOException, InterruptedException {
    try {
      var answer = askTwiceIfBusy(client, request);
      statuses.computeIfAbsent(answer.status(), status -> new LongAdder()).increment();
      Verdict.on(answer)
          .ifPresent(
              wrong -> offences.put(index, wrong + ":\n" + request + "\n\n" + answer.text()));
    } catch (SocketTimeoutException hangs) {
      offences.put(index, "was not answered within " + PATIENCE.toSeconds() + " s:\n" + request);
    }
  }

  /**
   * Sends the request, and sends it again when the answer says "come back". Such an answer is a
   * failure only the second time.
   */
  private Answer askTwiceIfBusy(RawClient client, HostileRequest request)
      throws IOException, InterruptedException {
    var answer = client.exchange(request);
    if (answer.status() != BUSY) {
      return answer;
    }
    toldToComeBack.increment();
    Thread.sleep(COME_BACK.toMillis());
    return client.exchange(request);
  }

  private void judgeTheQueue(long from, Map<Long, Long> sent)
      throws SQLException, InterruptedException {
    var left = stage.settle(SETTLING);
    if (!left.isEmpty()) {
      var stuck = stage.stuck();
      long index = stuck.stream().filter(sent::containsKey).map(sent::get).findFirst().orElse(from);
      offences.put(
          index,
          "left something behind in this round: %s; the instances:%n%s%nthe first message that is stuck:%n%s"
              .formatted(left, stage.instances(), inputs.number(index)));
    } else if (stage.served() != Stage.WITNESSES.size()) {
      offences.put(
          from,
          "or another of its round kept a batch-mate from its photo: %d of %d have theirs"
              .formatted(stage.served(), Stage.WITNESSES.size()));
    }
  }

  private Map<Long, Footprint> footprints() throws IOException, InterruptedException {
    var footprints = new TreeMap<Long, Footprint>();
    for (var service : options.services().entrySet()) {
      footprints.put(service.getKey(), Footprint.of(service.getKey(), service.getValue()));
    }
    return footprints;
  }

  private boolean report(Map<Long, Footprint> before, Map<Long, Footprint> after) {
    System.out.printf(
        "%nseed %d: %d requests, by status %s (0: closed without an answer), and %d messages%n",
        options.seed(),
        statuses.values().stream().mapToLong(LongAdder::sum).sum(),
        statuses,
        messages);
    if (toldToComeBack.sum() > 0) {
      System.out.printf(
          "%d were answered 503 with Retry-After and something else when they came back%n",
          toldToComeBack.sum());
    }
    boolean grew = false;
    for (var service : after.entrySet()) {
      var first = before.getOrDefault(service.getKey(), service.getValue());
      grew |= service.getValue().grewSince(first);
      System.out.printf(
          "process %d: %s after the first round, %s at the end%n",
          service.getKey(), first, service.getValue());
    }
    if (grew) {
      System.out.println("IT GREW");
    }
    if (!offences.isEmpty()) {
      var first = offences.firstEntry();
      System.out.printf(
          "%nINPUT %d %s%n%nrepeat it: bin/fuzz 1 --seed %d --from %d%n",
          first.getKey(), first.getValue(), options.seed(), first.getKey());
    }
    return !grew && offences.isEmpty();
  }
}
