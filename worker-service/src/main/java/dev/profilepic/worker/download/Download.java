package dev.profilepic.worker.download;

/** What came of a download. */
public sealed interface Download {

  /**
   * @param bytes of the picture as it is kept: nothing but what shows it
   * @param sha256 hex digest of what was downloaded, by which a picture is known again
   * @param keptSha256 hex digest of the bytes
   * @param header what the bytes say of themselves
   */
  record Picture(byte[] bytes, String sha256, String keptSha256, ImageHeader header)
      implements Download {}

  /**
   * @param why the link is dead, though the picture may live
   */
  record Expired(String why) implements Download {}

  /**
   * @param why it failed this time
   */
  record Failed(String why) implements Download {}

  /**
   * @param why nothing may be fetched from there
   */
  record Unsafe(String why) implements Download {}

  /**
   * @param why what came is no picture that we keep
   */
  record BadImage(String why) implements Download {}
}
