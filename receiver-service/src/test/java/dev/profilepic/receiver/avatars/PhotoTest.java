package dev.profilepic.receiver.avatars;

import dev.profilepic.receiver.support.ReceiverTest;
import dev.profilepic.store.PhotoStore;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Creates leads with photos, and builds links to the photos. */
abstract class PhotoTest extends ReceiverTest {

  @Autowired private Avatars avatars;
  @Autowired private InstantSource clock;
  @Autowired protected PhotoStore store;

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

  /** Creates a lead with a photo in the bucket. */
  protected String leadWithPhotoInBucket(String sha256, byte[] bytes)
      throws IOException, InterruptedException {
    BUCKET.start();
    var lead = leadWithPhoto(sha256, bytes);
    store.bucket().put("avatars/" + sha256, "image/jpeg", bytes);
    jdbc.sql(
            "UPDATE profile_pic.avatars SET bytes = NULL, in_bucket = true, size = ? WHERE storage_key = ?")
        .params(bytes.length, "avatars/" + sha256)
        .update();
    return lead;
  }

  protected String pathTo(String lead, String sha256) {
    return pathTo(lead, 0, sha256);
  }

  protected String pathTo(String lead, int generation, String sha256) {
    var link = URI.create(avatars.links(clock).to(lead, generation, sha256));
    return link.getRawPath() + "?" + link.getRawQuery();
  }
}
