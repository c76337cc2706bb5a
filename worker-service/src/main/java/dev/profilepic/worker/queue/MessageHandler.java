package dev.profilepic.worker.queue;

import java.util.List;

/** Handles messages. The engine runs each message on its own virtual thread. */
public interface MessageHandler {

  /**
   * Tries once and returns the result. Everything expected is a result. An exception is a bug:
   * nothing is settled, and the lease runs out.
   *
   * @throws InterruptedException when the lease was lost or the worker stops
   */
  Settlement handle(Delivery delivery) throws InterruptedException;

  /**
   * Tries a batch once: messages of one instance that are asked for together.
   *
   * @return a result for each message, in any order
   */
  List<Settlement> handleTogether(List<Delivery> deliveries) throws InterruptedException;

  /** Counts or logs a result. Called when the result has been committed. */
  void settled(Delivery delivery, Settlement settlement);
}
