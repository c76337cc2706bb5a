package dev.profilepic.worker.bridge;

import java.time.Duration;
import java.util.List;

/** The result of asking with one query which pictures many people have. */
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
   * Batches must keep their distance, or stop while WhatsApp restricts the account; single lookups
   * go on.
   */
  record Later(Duration rest) implements PictureIds {}

  /** Nothing was told, for a reason that a single lookup may have too. */
  record Failed(Lookup why) implements PictureIds {}
}
