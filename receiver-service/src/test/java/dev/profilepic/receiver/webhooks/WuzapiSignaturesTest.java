package dev.profilepic.receiver.webhooks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Http.Answer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** WuzAPI signs its JSON or its form, but not its files. */
class WuzapiSignaturesTest extends SignedWebhooksTest {

  @Test
  void wuzapisDigestIsCheckedOverItsJsonAsItCame() {
    newLead("5562987650011");
    var body = wuzapiMessage("5562987650011");
    var hmac = wuzapi(body);

    assertThat(sendToWuzapi("wuzapi", body + " ", hmac).status()).isEqualTo(401);
    assertThat(sendToWuzapi("wuzapi", body, "zz").status()).isEqualTo(401);
    assertThat(statusOf(sendToWuzapi("wuzapi", body, hmac))).isEqualTo("queued");
    assertThat(statusOf(sendToWuzapi("wuzapi", body, hmac))).isEqualTo("duplicate");
    assertThat(sendToWuzapi("waha", body, hmac).status()).as("another kind's").isEqualTo(401);
    var other = wuzapiMessage("5562987650011");
    assertThat(sendToWuzapi("auto", other, wuzapi(other)).status()).isEqualTo(202);
  }

  @Test
  void wuzapisDigestIsCheckedOverItsFormAsItCame() {
    newLead("5562987650012");
    var form =
        "instanceName=vendas&jsonData="
            + URLEncoder.encode(wuzapiMessage("5562987650012"), StandardCharsets.UTF_8)
            + "&userID=1";

    assertThat(sendForm(form + "&token=x", wuzapi(form)).status()).isEqualTo(401);
    assertThat(statusOf(sendForm(form, wuzapi(form)))).isEqualTo("queued");
  }

  @Test
  void wuzapisFormWithAFileIsNotSignedAsItComesSoItNeedsAKey() {
    newLead("5562987650013");
    var json = wuzapiMessage("5562987650013");
    var form =
        """
        --b0\r
        Content-Disposition: form-data; name="jsonData"\r
        \r
        %s\r
        --b0--\r
        """
            .formatted(json);
    var multipart = "multipart/form-data; boundary=b0";
    var signed = wuzapi("{\"jsonData\":\"...\"}");

    var without =
        withKey(null)
            .post("/webhooks/wuzapi", form, "Content-Type", multipart, "x-hmac-signature", signed);
    var with =
        http.post("/webhooks/wuzapi", form, "Content-Type", multipart, "x-hmac-signature", signed);

    assertThat(without.status()).isEqualTo(401);
    assertThat(statusOf(with)).as(with.text()).isEqualTo("queued");
  }

  private static String wuzapiMessage(String phone) {
    return "{\"type\": \"Message\", \"event\": {\"Info\": {\"Chat\": \"%1$s@s.whatsapp.net\", \"Sender\": \"%1$s@s.whatsapp.net\", \"IsFromMe\": false, \"ID\": \"%2$s\"}}}"
        .formatted(phone, UUID.randomUUID());
  }

  private static String wuzapi(String body) {
    return HexFormat.of()
        .formatHex(hmac("HmacSHA256", bytes("a-secret-for-wuzapi-of-32-letters"), bytes(body)));
  }

  private Answer sendToWuzapi(String kind, String body, String hmac) {
    return withKey(null).post("/webhooks/" + kind, body, "x-hmac-signature", hmac);
  }

  private Answer sendForm(String form, String hmac) {
    return withKey(null)
        .post(
            "/webhooks/wuzapi",
            form,
            "Content-Type",
            "application/x-www-form-urlencoded",
            "x-hmac-signature",
            hmac);
  }
}
