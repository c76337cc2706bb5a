package dev.profilepic.receiver.avatars;

import java.nio.charset.StandardCharsets;

/** A drawn stand-in where there is no photo: a silhouette on a colour that is always the lead's. */
final class Initials {

  private Initials() {}

  static byte[] svg(String leadId) {
    // Golden-angle steps keep neighbouring leads apart in hue.
    var hue = Math.floorMod(leadId.hashCode() * 137L, 360L);
    return """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" role="img" aria-label="no photo">
    <rect width="96" height="96" fill="hsl(%d 45%% 42%%)"/>
    <g fill="#fff" fill-opacity=".85"><circle cx="48" cy="37" r="16"/><path d="M16 86a32 28 0 0 1 64 0z"/></g>
    </svg>
    """
        .formatted(hue)
        .getBytes(StandardCharsets.UTF_8);
  }
}
