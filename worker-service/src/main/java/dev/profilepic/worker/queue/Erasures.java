package dev.profilepic.worker.queue;

import java.util.List;

/** Recognises people who asked to be forgotten, under any lead. */
public interface Erasures {

  /**
   * Marks the leads of such people, for all messages of a claim, before any message runs.
   *
   * @return the same messages; leads of people who asked to be forgotten have the state {@code
   *     ERASED}
   */
  List<Delivery> mark(List<Delivery> deliveries);
}
