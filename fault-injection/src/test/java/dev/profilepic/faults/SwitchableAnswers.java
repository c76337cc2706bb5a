package dev.profilepic.faults;

import dev.profilepic.faults.FaultyBridge.Answer;
import dev.profilepic.faults.FaultyBridge.Question;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** The answers of a bridge whose faults are switched on and off one by one, for chaos. */
final class SwitchableAnswers implements FaultyBridge.Behaviour {

  private static final int LONGEST_ANSWER_MILLIS = 60;
  private static final Duration BEFORE_DEATH = Duration.ofMillis(300);

  private final Consumer<String> killWorker;
  private final Set<String> throttled = ConcurrentHashMap.newKeySet();
  private final Set<String> deadly = ConcurrentHashMap.newKeySet();
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Map<String, AtomicLong> silences = new ConcurrentHashMap<>();
  private volatile boolean hanging;
  private volatile double silentShare;

  /**
   * @param killWorker called with the name of the worker that asks a deadly question
   */
  SwitchableAnswers(Consumer<String> killWorker) {
    this.killWorker = killWorker;
  }

  @Override
  public Answer on(Question question) throws InterruptedException {
    if (deadly.contains(question.phone())) {
      FaultyBridge.foundAfter(BEFORE_DEATH, question);
      killWorker.accept(question.worker());
    }
    if (hanging) {
      return FaultyBridge.silence();
    }
    if (throttled.contains(question.instance())) {
      return new Answer.Failed(429, 2);
    }
    if (refused.remove(question.phone())) {
      return new Answer.Failed(400, null);
    }
    if (ThreadLocalRandom.current().nextDouble() < silentShare) {
      // WhatsApp did not answer the bridge: only this failure counts as an attempt.
      silences.computeIfAbsent(question.phone(), phone -> new AtomicLong()).incrementAndGet();
      return new Answer.Failed(504, null);
    }
    var delay = ThreadLocalRandom.current().nextInt(LONGEST_ANSWER_MILLIS);
    return FaultyBridge.foundAfter(Duration.ofMillis(delay), question);
  }

  void hang(boolean hanging) {
    this.hanging = hanging;
  }

  void throttle(String instance) {
    throttled.add(instance);
  }

  void relent(String instance) {
    throttled.remove(instance);
  }

  /** Kills every worker that asks for this phone, each time. */
  void makeDeadly(String phone) {
    deadly.add(phone);
  }

  /** Refuses the next question for this phone with a permanent error. */
  void refuseOnce(String phone) {
    refused.add(phone);
  }

  /**
   * @param share of the questions that WhatsApp leaves without an answer, 0 to 1
   */
  void leaveUnanswered(double share) {
    silentShare = share;
  }

  /** Returns the highest number of attempts that may have been counted for each phone. */
  Map<String, Long> attemptsDue() {
    var due = new java.util.HashMap<String, Long>();
    silences.forEach((phone, count) -> due.put(phone, count.get()));
    return due;
  }
}
