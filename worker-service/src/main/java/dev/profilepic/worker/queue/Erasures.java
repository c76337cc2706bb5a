package dev.profilepic.worker.queue;

import java.util.List;

/** Recognises people who asked to be forgotten, under any lead. */
public interface Erasures {

  /**
   * Asked for all messages of a claim, before any of them runs.
   *
   * @return the same messages, in which the leads of such people have the state {@code ERASED}
   */
  List<Delivery> mark(List<Delivery> deliveries);
}
