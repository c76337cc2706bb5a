package dev.profilepic.worker.lids;

import dev.profilepic.contract.ErasureKey;
import dev.profilepic.worker.queue.Complaints;
import dev.profilepic.worker.queue.Tokens;
import dev.profilepic.worker.sources.LidAnswer;
import dev.profilepic.worker.sources.PictureSources;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/**
 * Asks sources to whom the unknown LIDs of events belong. The receiver then serves the events that
 * it kept of these people. A question spends a token of its instance, as a lookup does. Any number
 * of replicas may ask.
 */
@Component
class UnknownLids {

  private static final Logger log = LoggerFactory.getLogger(UnknownLids.class);

  /**
   * The time between two questions to an instance, by all replicas together: a fifth of the usual
   * pace.
   */
  private static final Duration EVERY = Duration.ofSeconds(5);

  private static final int EACH_INSTANCE = 1;

  /**
   * The pauses between tries grow from 10 minutes to 36 hours: a LID is left alone after two days.
   */
  private static final int MOST_TRIES = 5;

  private static final int MOST = 32;
  private static final Duration WHILE_DOWN = Duration.ofMinutes(5);

  /** The source cannot tell, but the instance may get another source. */
  private static final Duration WHERE_NOBODY_CAN_TELL = Duration.ofDays(1);

  private final Complaints complaints = new Complaints(log);

  private final LidSql sql;
  private final PictureSources sources;
  private final Tokens tokens;
  private final ErasureKey key;
  private final LidProperties properties;

  UnknownLids(
      LidSql sql, PictureSources sources, Tokens tokens, ErasureKey key, LidProperties properties) {
    this.sql = sql;
    this.sources = sources;
    this.tokens = tokens;
    this.key = key;
    this.properties = properties;
  }

  @Scheduled(fixedDelayString = "PT1S")
  void tick() {
    if (!properties.enabled()) {
      return;
    }
    try {
      askOnce();
    } catch (InterruptedException late) {
      log.debug("the LIDs of this step are asked for again in two minutes");
    } catch (RuntimeException failure) {
      complaints.about("sources were not asked for LIDs: {}", failure);
    }
  }

  /**
   * Asks about the LIDs that are due, of all instances at the same time, so that a source that
   * hangs holds up no other instance.
   *
   * @return how many people were asked about
   */
  int askOnce() throws InterruptedException {
    var people = sql.take(EACH_INSTANCE, MOST, EVERY);
    if (people.isEmpty()) {
      return 0;
    }
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      var asking =
          people.stream()
              .map(person ->
                  threads.<Void>submit(() -> {
                    ask(person);
                    return null;
                  }))
              .toList();
      for (var each : asking) {
        await(each);
      }
    } finally {
      threads.shutdownNow();
    }
    return people.size();
  }

  private void await(Future<Void> asking) throws InterruptedException {
    try {
      asking.get();
    } catch (ExecutionException failure) {
      complaints.about(
          "a source was not asked for a LID: {}", new IllegalStateException(failure.getCause()));
    }
  }

  private void ask(LidSql.Unknown person) throws InterruptedException {
    var source = sources.of(person.instanceId());
    if (!source.resolvesLids()) {
      sql.later(person, WHERE_NOBODY_CAN_TELL);
      return;
    }
    var wait = tokens.take(person.instanceId());
    if (wait.isPositive()) {
      sql.later(person, wait);
      return;
    }
    switch (source.resolve(person.instanceId(), person.lid())) {
      case LidAnswer.Known(var phone) ->
          sql.answered(person, phone.digits(), key.digest(phone), MOST_TRIES);
      case LidAnswer.Unknown() -> sql.answered(person, null, null, MOST_TRIES);
      case LidAnswer.Down(var why) -> {
        log.debug("instance {} could not be asked for a LID: {}", person.instanceId(), why);
        sql.later(person, WHILE_DOWN);
      }
    }
  }
}
