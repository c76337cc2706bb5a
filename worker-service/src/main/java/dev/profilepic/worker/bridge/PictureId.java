package dev.profilepic.worker.bridge;

import org.jspecify.annotations.Nullable;

/**
 * A batch's answer about one person.
 *
 * @param jid canonical id; null where it is not known
 * @param pictureId WhatsApp's id of the picture; null unless there is one
 */
public record PictureId(
    Exists exists, Shown picture, @Nullable String pictureId, @Nullable String jid) {

  /** Whether there is an account. */
  public enum Exists {
    YES,
    NO,
    UNKNOWN
  }

  /** What WhatsApp says of the picture. A refusal proves nothing: a batch has no privacy tokens. */
  public enum Shown {
    /** There is one, and its id is told. */
    ID,
    /** It is the one whose id the question named. */
    UNCHANGED,
    NONE,
    REFUSED,
    UNKNOWN
  }
}
