package dev.profilepic.worker.download;

/** The result of a download. */
public sealed interface Download {

  /**
   * @param bytes of the picture as it is kept: only the parts that show it
   * @param sha256 hex digest of the downloaded bytes, by which a picture is recognised
   * @param keptSha256 hex digest of {@code bytes}
   * @param header the format and size that the bytes state
   */
  record Picture(byte[] bytes, String sha256, String keptSha256, ImageHeader header)
      implements Download {}

  /**
   * @param why the link is dead; the picture may still be there
   */
  record Expired(String why) implements Download {}

  /**
   * @param why it failed this time
   */
  record Failed(String why) implements Download {}

  /**
   * @param why nothing may be fetched from the url
   */
  record Unsafe(String why) implements Download {}

  /**
   * @param why the downloaded bytes are no picture that we keep
   */
  record BadImage(String why) implements Download {}
}
