package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import java.util.function.IntConsumer;

/** Answers what a contact's picture is, through one WhatsApp instance. */
@FunctionalInterface
public interface PictureSource {

  /**
   * Asks for the picture of a contact. Blocks for as long as the source's timeout at the most.
   * Whatever goes wrong is an answer, not an exception.
   *
   * @param queries is told how many queries to WhatsApp the answer cost
   * @throws InterruptedException when the caller was told to give up
   */
  Lookup find(Question question, IntConsumer queries) throws InterruptedException;
}
