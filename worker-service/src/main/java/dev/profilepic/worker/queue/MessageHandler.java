package dev.profilepic.worker.queue;

import java.util.List;

/** What the engine runs for each message, on a virtual thread of its own. */
public interface MessageHandler {

  /**
   * Tries once and says what happened. Everything expected is a result; an exception is a bug,
   * after which nothing is settled and the lease runs out.
   *
   * @throws InterruptedException when the lease was lost or the worker stops
   */
  Settlement handle(Delivery delivery) throws InterruptedException;

  /**
   * The same for a batch: messages of one instance that are asked for together.
   *
   * @return a result for each of them, in any order
   */
  List<Settlement> handleTogether(List<Delivery> deliveries) throws InterruptedException;

  /** Called when the result has been committed, for what may be counted or told only then. */
  void settled(Delivery delivery, Settlement settlement);
}
