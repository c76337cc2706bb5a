package dev.profilepic.receiver.avatars;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AvatarTest extends PhotoTest {

  private static final byte[] PHOTO = "a photo's bytes".getBytes(StandardCharsets.UTF_8);
  private static final String SHA =
      "4c7d2f0000000000000000000000000000000000000000000000000000000000";

  @Test
  void aSignedLinkShowsThePhotoAndMayBeKeptForever() {
    var lead = leadWithPhoto();

    var answer = withKey(null).get(pathTo(lead));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.bytes()).isEqualTo(PHOTO);
    assertThat(answer.header("content-type")).isEqualTo("image/jpeg");
    assertThat(answer.header("etag")).isEqualTo("\"" + SHA + "\"");
    assertThat(answer.header("cache-control")).contains("private", "immutable");
    assertThat(answer.header("x-content-type-options")).isEqualTo("nosniff");
  }

  @Test
  void aLinkOfAnOlderPhotoIsAskedAgainEachTime() {
    var lead = leadWithPhoto();

    var answer = withKey(null).get(pathTo(lead).replaceFirst("v=[^&]+", "v=000000000000"));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("cache-control")).contains("private", "no-cache");
  }

  @Test
  void whoHasThePhotoAlreadyGetsNoBytes() {
    var lead = leadWithPhoto();

    var answer = withKey(null).get(pathTo(lead), "If-None-Match", "\"" + SHA + "\"");

    assertThat(answer.status()).isEqualTo(304);
    assertThat(answer.bytes()).isEmpty();
  }

  @Test
  void headTellsOfThePhotoWithoutItsBytes() {
    var path = pathTo(leadWithPhoto());

    var head = withKey(null).send("HEAD", path, null);

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.bytes()).isEmpty();
    assertThat(head.header("content-type")).isEqualTo("image/jpeg");
    assertThat(head.header("etag")).isEqualTo(withKey(null).get(path).header("etag"));
    assertThat(withKey(null).send("HEAD", path.replaceFirst("sig=.", "sig="), null).status())
        .isEqualTo(404);
  }

  @Test
  void aWrongSignatureAndAMissingPhotoAnswerAlike() {
    var lead = leadWithPhoto();
    var without = newLead("5562999212484");

    var wrong = withKey(null).get("/avatars/" + lead + "?sig=wrong");
    var missing = withKey(null).get(pathTo(without));

    assertThat(wrong.status()).isEqualTo(404);
    assertThat(wrong.text().replace(lead, "")).isEqualTo(missing.text().replace(without, ""));
    assertThat(withKey(null).get("/avatars/" + lead).status()).isEqualTo(404);
  }

  @Test
  void aLeadWithoutAPhotoGetsADrawnOneOnRequest() {
    var answer = withKey(null).get(pathTo(newLead("5562999212484")) + "&fallback=initials");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("content-type")).startsWith("image/svg+xml");
    assertThat(answer.text()).startsWith("<svg").contains("<circle");
  }

  @Test
  void aDrawnOneHasTheLeadsInitialsAndNothingElseOfItsName() {
    var lead = newLead("5562999212484");
    jdbc.sql("UPDATE public.leads SET name = 'ana <script> de Souza' WHERE id = ?::uuid")
        .param(lead)
        .update();

    assertThat(withKey(null).get(pathTo(lead) + "&fallback=initials").text())
        .contains(">AS</text>")
        .doesNotContain("script");
  }

  private String leadWithPhoto() {
    return leadWithPhoto(SHA, PHOTO);
  }

  private String pathTo(String lead) {
    return pathTo(lead, SHA);
  }
}
