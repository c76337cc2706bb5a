package dev.profilepic.fuzz;

import dev.profilepic.fuzz.HostileMessages.HostileMessage;
import java.util.Random;

/**
 * The inputs of a run. Each input follows from the seed and its number alone, so that it can be
 * repeated.
 */
final class Inputs {

  private static final int MESSAGES_IN_TEN = 4;

  private final long seed;
  private final HostileRequests requests;
  private final HostileMessages messages;

  Inputs(long seed, HostileRequests requests, HostileMessages messages) {
    this.seed = seed;
    this.requests = requests;
    this.messages = messages;
  }

  sealed interface Input {
    record Request(HostileRequest request) implements Input {}

    record Message(HostileMessage message) implements Input {}
  }

  Input number(long index) {
    // Neighbouring seeds of Random begin alike. Knuth's multiplier spreads them.
    var random = new Random(seed ^ (index * 6364136223846793005L));
    return random.nextInt(10) < MESSAGES_IN_TEN
        ? new Input.Message(messages.next(random))
        : new Input.Request(requests.next(random));
  }
}
