package dev.profilepic.worker.sources;

import dev.profilepic.worker.bridge.Contact;
import dev.profilepic.worker.bridge.Lookup;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the picture in a gateway's answer: a link, or the picture itself in base64. */
final class Links {

  private static final Pattern DATA_URL = Pattern.compile("^data:image/[a-z]+;base64,");

  /** The beginnings of JPEG, PNG and WebP in base64. */
  private static final Pattern BARE = Pattern.compile("^(/9j/|iVBOR|UklGR)");

  private Links() {}

  static Lookup read(String text, @Nullable String pictureId, @Nullable Contact contact) {
    var dataUrl = DATA_URL.matcher(text);
    if (dataUrl.lookingAt()) {
      return picture(text.substring(dataUrl.end()), pictureId, contact);
    }
    if (BARE.matcher(text).lookingAt()) {
      return picture(text, pictureId, contact);
    }
    return text.startsWith("https://") || text.startsWith("http://")
        ? new Lookup.Found(text, pictureId, contact)
        : Reply.strange();
  }

  private static Lookup picture(
      String base64, @Nullable String pictureId, @Nullable Contact contact) {
    try {
      return new Lookup.Picture(Base64.getMimeDecoder().decode(base64), pictureId, contact);
    } catch (IllegalArgumentException cut) {
      return Reply.strange();
    }
  }
}
