package dev.profilepic.worker.bridge;

import java.time.Duration;
import java.util.List;

/** The result of a batch: one query that asks which pictures many people have. */
public sealed interface PictureIds {

  /**
   * @param people in the order of the question
   */
  record Told(List<PictureId> people) implements PictureIds {
    public Told {
      people = List.copyOf(people);
    }
  }

  /**
   * The batch came too soon after another batch, or WhatsApp restricts the account. Single lookups
   * go on.
   */
  record Later(Duration rest) implements PictureIds {}

  /** The batch got no answer, for a reason that a single lookup may have too. */
  record Failed(Lookup why) implements PictureIds {}
}
