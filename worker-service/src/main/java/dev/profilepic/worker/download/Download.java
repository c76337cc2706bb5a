package dev.profilepic.worker.download;

/** What came of a download. */
public sealed interface Download {

  /**
   * @param bytes the whole picture
   * @param sha256 hex digest of the bytes
   * @param header what the bytes say of themselves
   */
  record Picture(byte[] bytes, String sha256, ImageHeader header) implements Download {}

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
