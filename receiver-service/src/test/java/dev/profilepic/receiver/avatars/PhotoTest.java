package dev.profilepic.receiver.avatars;

import dev.profilepic.receiver.support.ReceiverTest;
import java.net.URI;
import org.springframework.beans.factory.annotation.Autowired;

/** Leads that have a photo, and the links to it. */
abstract class PhotoTest extends ReceiverTest {

  @Autowired private Avatars avatars;

  protected String leadWithPhoto(String sha256, byte[] bytes) {
    var lead = newLead("5562999212484");
    jdbc.sql(
            """
            WITH kept AS (
              INSERT INTO profile_pic.avatars (storage_key, content_type, bytes) VALUES (:key, 'image/jpeg', :bytes) ON CONFLICT DO NOTHING)
            INSERT INTO profile_pic.pictures (lead_id, phone, state, sha256, content_type, storage_key, requested_at)
            VALUES (:lead, '5562999212484', 'STORED', :sha, 'image/jpeg', :key, now())
            """)
        .param("lead", lead)
        .param("key", "avatars/" + sha256)
        .param("sha", sha256)
        .param("bytes", bytes)
        .update();
    return lead;
  }

  protected String pathTo(String lead, String sha256) {
    var link = URI.create(avatars.links().to(lead, sha256));
    return link.getRawPath() + "?" + link.getRawQuery();
  }
}
