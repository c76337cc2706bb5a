package dev.profilepic.receiver.avatars;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.receiver.support.QueueHand;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class RevokedLinksTest extends PhotoTest {

  private static final byte[] PHOTO = "another photo's bytes".getBytes(StandardCharsets.UTF_8);
  private static final String SHA =
      "7e0ce00000000000000000000000000000000000000000000000000000000000";

  @Test
  void oneLeadsLinksEndAndItsRowGetsANewOne() {
    var lead = leadWithPhoto(SHA, PHOTO);
    var other = leadWithPhoto(SHA, PHOTO);
    var before = pathTo(lead, SHA);
    assertThat(status(before)).isEqualTo(200);
    assertThat(status(withoutKey(lead))).as("made before links had keys").isEqualTo(200);

    var answer = http.post("/leads/" + lead + "/profile-pic/revoke-links", "");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(status(before)).isEqualTo(404);
    assertThat(status(before + "&fallback=initials")).isEqualTo(404);
    assertThat(status(withoutKey(lead))).isEqualTo(404);
    assertThat(status(pathTo(other, SHA))).isEqualTo(200);
    var url = answer.json().path("url").asString();
    assertThat(status(pathOf(url))).isEqualTo(200);
    writeTheCrmsRow(lead);
    assertThat(urlInTheCrm(lead)).isEqualTo(url);
  }

  @Test
  void anAttemptThatBeganBeforeGivesNoRevokedLinkOut() {
    var lead = leadWithPhoto(SHA, PHOTO);
    http.post(
        "/profile-pics",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"force_update\": true}"
            .formatted(lead));
    var revoked = "http://127.0.0.1:8080" + pathTo(lead, SHA);
    var url =
        http.post("/leads/" + lead + "/profile-pic/revoke-links", "").json().path("url").asString();

    new QueueHand(jdbc)
        .settle(
            lead,
            "STORED",
            Map.of("lead_url", revoked, "sha256", SHA, "storage_key", "avatars/" + SHA));

    assertThat(urlInTheCrm(lead)).isEqualTo(url);
  }

  @Test
  void aLinkThatWasMadeAnewIsWrittenThoughThePhotoIsUnchanged() {
    var lead = leadWithPhoto(SHA, PHOTO);
    jdbc.sql(
            "UPDATE profile_pic.pictures SET lead_url = 'https://photos.example/avatars/' || lead_id || '?v=1&sig=old' WHERE lead_id = ?")
        .param(lead)
        .update();
    http.post(
        "/profile-pics",
        "{\"lead_id\": \"%s\", \"phone\": \"5562999212484\", \"force_update\": true}"
            .formatted(lead));
    var url = "http://127.0.0.1:8080" + pathTo(lead, SHA);

    new QueueHand(jdbc).settle(lead, "UNCHANGED", Map.of("lead_url", url, "known_sha256", SHA));

    assertThat(urlInTheCrm(lead)).isEqualTo(url);
  }

  @Test
  void erasingEndsThemToo() {
    var lead = leadWithPhoto(SHA, PHOTO);
    var before = pathTo(lead, SHA);

    http.delete("/leads/" + lead + "/profile-pic");

    assertThat(status(before + "&fallback=initials")).isEqualTo(404);
  }

  @Test
  void nobodyRevokesTheLinksOfAnotherInstancesLeads() {
    var key = "key-" + UUID.randomUUID();
    jdbc.sql(
            "INSERT INTO profile_pic.api_keys (name, sha256, scopes, instances) VALUES (?, sha256(?::bytea), '{operate,read}', '{inst_a}')")
        .params("revoker-" + key, key)
        .update();
    awaitKey(key);
    var lead = leadWithPhoto(SHA, PHOTO);
    jdbc.sql("UPDATE public.leads SET instance_id = 'inst_b' WHERE id = ?::uuid")
        .param(lead)
        .update();

    assertThat(withKey(key).post("/leads/" + lead + "/profile-pic/revoke-links", "").status())
        .isEqualTo(404);
    assertThat(status(pathTo(lead, SHA))).isEqualTo(200);
    assertThat(http.post("/leads/nobody/profile-pic/revoke-links", "").status()).isEqualTo(404);
  }

  @Test
  void aLinkOfAnotherSecretShowsNothing() {
    var lead = leadWithPhoto(SHA, PHOTO);
    var others =
        new AvatarLink(
            URI.create("http://127.0.0.1:8080"),
            List.of("a-secret-of-somebody-else"),
            null,
            InstantSource.system());

    assertThat(status(pathOf(others.to(lead, 0, SHA)))).isEqualTo(404);
  }

  private int status(String path) {
    return withKey(null).get(path).status();
  }

  private void writeTheCrmsRow(String lead) {
    jdbc.sql("SELECT lead_id FROM profile_pic.write_leads(ARRAY[?])")
        .param(lead)
        .query(String.class)
        .list();
  }

  private String urlInTheCrm(String lead) {
    return jdbc.sql("SELECT coalesce(profile_pic_url, '') FROM public.leads WHERE id = ?::uuid")
        .param(lead)
        .query(String.class)
        .single();
  }

  /** Returns a link in the earlier form, which does not name its key. */
  private static String withoutKey(String lead) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(
          new SecretKeySpec(
              "local-avatar-signing-secret".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return "/avatars/"
          + lead
          + "?v="
          + SHA.substring(0, 12)
          + "&sig="
          + Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(mac.doFinal(lead.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static String pathOf(String url) {
    var link = URI.create(url);
    return link.getRawPath() + "?" + link.getRawQuery();
  }
}
