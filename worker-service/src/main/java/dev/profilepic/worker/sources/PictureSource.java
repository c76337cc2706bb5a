package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.bridge.PictureIds;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Answers, through one WhatsApp instance, what a contact's picture is and to whom a LID belongs.
 */
public interface PictureSource {

  /**
   * Asks for the picture of a contact. Blocks for as long as the source's timeout at the most.
   * Every failure is an answer, not an exception.
   *
   * @param queries is told how many queries to WhatsApp the answer cost
   * @throws InterruptedException when the caller was told to give up
   */
  Lookup find(Question question, IntConsumer queries) throws InterruptedException;

  /** Whether {@link #resolve} is worth a query. */
  boolean resolvesLids();

  /**
   * Asks to whom a LID belongs. Blocks and fails as {@link #find} does, and makes one query at the
   * most.
   *
   * @param lid its digits
   */
  LidAnswer resolve(String instanceId, String lid) throws InterruptedException;

  /** Whether {@link #findIds} can be asked. */
  default boolean hasBatches() {
    return false;
  }

  /**
   * Asks which pictures many people have, with one query.
   *
   * @param questions through one instance, a hundred at the most
   */
  default PictureIds findIds(List<Question> questions, IntConsumer queries)
      throws InterruptedException {
    return new PictureIds.Failed(new Lookup.Refused("the source has no batches"));
  }
}
