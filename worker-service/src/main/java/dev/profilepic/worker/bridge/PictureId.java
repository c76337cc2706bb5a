package dev.profilepic.worker.bridge;

import org.jspecify.annotations.Nullable;

/**
 * A batch's answer about one person.
 *
 * @param jid canonical id; null when it is not known
 * @param pictureId WhatsApp's id of the picture; null unless there is a picture
 */
public record PictureId(
    Exists exists, Shown picture, @Nullable String pictureId, @Nullable String jid) {

  /** The existence of an account. */
  public enum Exists {
    YES,
    NO,
    UNKNOWN
  }

  /**
   * WhatsApp's statement about the picture. A refusal proves nothing, because a batch has no
   * privacy tokens.
   */
  public enum Shown {
    /** There is a picture, and its id is known. */
    ID,
    /** The picture is the one whose id the question named. */
    UNCHANGED,
    NONE,
    REFUSED,
    UNKNOWN
  }
}
