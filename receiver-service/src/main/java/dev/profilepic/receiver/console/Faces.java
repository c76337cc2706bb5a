package dev.profilepic.receiver.console;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.receiver.avatars.Avatars;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Links to photos for pages. They lead to the server that the page itself came from. */
@Component
class Faces {

  private final AvatarLink links;

  Faces(Avatars avatars, InstantSource clock) {
    this.links = avatars.links(clock);
  }

  /**
   * Returns the link to a lead's photo; null when there is no photo. A photo whose bytes are gone
   * shows initials.
   */
  @Nullable String of(String leadId, boolean hasPhoto, int generation, @Nullable String sha256) {
    return hasPhoto && sha256 != null
        ? links.path(leadId, generation, sha256) + "&fallback=initials"
        : null;
  }
}
