package dev.profilepic.receiver.avatars;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.annotation.Validated;

/**
 * Settings for sending photos to browsers.
 *
 * @param inFlight bytes of photos that are read and not yet sent, at the most; at least one piece
 *     of {@link PhotoSender#PIECE}
 */
@Validated
@ConfigurationProperties("profile-pic.avatars.sending")
record SendingProperties(@DefaultValue("32MB") DataSize inFlight) {

  SendingProperties {
    if (inFlight.toBytes() < PhotoSender.PIECE) {
      throw new IllegalArgumentException(
          "profile-pic.avatars.sending.in-flight must be at least 256KB: one piece of a photo");
    }
  }

  /** Returns the number of photos that may be sent at the same time. */
  int places() {
    return Math.toIntExact(inFlight.toBytes() / PhotoSender.PIECE);
  }
}
