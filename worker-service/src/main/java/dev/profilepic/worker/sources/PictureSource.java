package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Lookup;
import dev.profilepic.worker.bridge.PictureIds;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A source that answers questions for pictures and for the owners of LIDs, through one WhatsApp
 * instance.
 */
public interface PictureSource {

  /**
   * Asks for the picture of a contact. Blocks for as long as the source's timeout at the most.
   * Every failure is an answer, not an exception.
   *
   * @param queries receives the number of queries to WhatsApp that the answer cost
   * @throws InterruptedException when the caller is interrupted
   */
  Lookup find(Question question, IntConsumer queries) throws InterruptedException;

  /** Returns whether {@link #resolve} is worth a query. */
  boolean resolvesLids();

  /**
   * Asks to whom a LID belongs. Blocks and fails as {@link #find} does, and makes one query at the
   * most.
   *
   * @param lid digits of the LID
   */
  LidAnswer resolve(String instanceId, String lid) throws InterruptedException;

  /** Returns whether {@link #findIds} can be asked. */
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
