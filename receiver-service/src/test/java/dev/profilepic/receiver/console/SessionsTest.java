package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.profilepic.receiver.support.Console;
import dev.profilepic.receiver.support.ReceiverTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The pages that a session's cookie opens, and the session's lifetime. */
class SessionsTest extends ReceiverTest {

  private String key = "";
  private Console console;

  @BeforeEach
  void signIn() {
    key = newKey("read");
    console = Console.signIn(withKey(null), key);
  }

  @Test
  void aSessionEndsAtItsTime() {
    assertThat(console.get("/console/syncs").status()).isEqualTo(200);

    endAt("now() - interval '1 millisecond'");

    var answer = console.get("/console/syncs");
    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.header("location")).endsWith("/console/sign-in?to=%2Fconsole%2Fsyncs");
  }

  @Test
  void signingInAgainEndsTheBrowsersSessionBefore() {
    var again = console.post("/console/sign-in", "key=" + key);

    assertThat(again.status()).isEqualTo(302);
    assertThat(console.get("/console/syncs").status()).isEqualTo(302);
  }

  @Test
  void aKeyHasTwentySessionsAtTheMostAndItsOldestEnds() {
    jdbc.sql(
            """
            INSERT INTO profile_pic.console_sessions (token_sha256, key_sha256, opened_at, ends_at)
            SELECT sha256((k.key || n)::bytea), sha256(k.key::bytea), now() + n * interval '1 minute', now() + interval '1 hour'
            FROM generate_series(1, 19) AS n CROSS JOIN (SELECT ?::text AS key) AS k
            """)
        .param(key)
        .update();
    assertThat(console.get("/console/syncs").status()).isEqualTo(200);

    Console.signIn(withKey(null), key);

    assertThat(console.get("/console/syncs").status()).isEqualTo(302);
  }

  @Test
  void behindHttpsAllCookiesAreSecureAndRedirectsNameNoHost() {
    var visitor = withKey(null);

    assertThat(
            visitor
                .get("/console/sign-in", "X-Forwarded-Proto", "https")
                .headers()
                .get("set-cookie"))
        .isNotEmpty()
        .allMatch(cookie -> cookie.contains("Secure"));
    assertThat(visitor.get("/console/sign-in").headers().get("set-cookie"))
        .isNotEmpty()
        .noneMatch(cookie -> cookie.contains("Secure"));
    assertThat(visitor.get("/console/syncs", "X-Forwarded-Proto", "https").header("location"))
        .isEqualTo("/console/sign-in?to=%2Fconsole%2Fsyncs");
    assertThat(
            console.post("/console/sign-out", "", "X-Forwarded-Proto", "https").header("location"))
        .isEqualTo("/console/sign-in");
  }

  @Test
  void aSessionLastsTwelveHours() {
    assertThat(
            jdbc.sql(
                    "SELECT extract(epoch FROM ends_at - opened_at)::bigint FROM profile_pic.console_sessions WHERE key_sha256 = sha256(?::bytea)")
                .param(key)
                .query(Long.class)
                .single())
        .isEqualTo(12 * 3600);
  }

  @Test
  void aTokenIsKeptByItsDigestAndIsNeverTheSame() {
    var other = Console.signIn(withKey(null), key);

    assertThat(other.cookie()).isNotEqualTo(console.cookie());
    assertThat(
            jdbc.sql(
                    "SELECT count(*) FROM profile_pic.console_sessions WHERE token_sha256 = sha256(?::bytea)")
                .param(console.cookie().replaceFirst(".*=", ""))
                .query(Long.class)
                .single())
        .isEqualTo(1);
  }

  @Test
  void aCookieOfNobodyLeadsToSignInAndAPartOfAPageReplacesTheWholePage() {
    var nobodys = "profile_pic_session=of-nobody";

    var page = withKey(null).get("/console/syncs", "Cookie", nobodys);
    var part = withKey(null).get("/console/syncs/live", "Cookie", nobodys, "HX-Request", "true");

    assertThat(page.status()).isEqualTo(302);
    assertThat(part.status()).isEqualTo(401);
    assertThat(part.header("hx-redirect")).isEqualTo("/console/sign-in");
  }

  @Test
  void theCookieOpensNothingOfTheApi() {
    assertThat(withKey(null).get("/syncs", "Cookie", console.cookie()).status()).isEqualTo(401);
    assertThat(withKey(key).get("/syncs").status()).isEqualTo(200);
  }

  @Test
  void sessionsThatEndedAreForgottenWhenSomebodySignsIn() {
    endAt("'epoch'");

    Console.signIn(withKey(null), newKey("read"));

    assertThat(
            jdbc.sql(
                    "SELECT count(*) FROM profile_pic.console_sessions WHERE key_sha256 = sha256(?::bytea)")
                .param(key)
                .query(Long.class)
                .single())
        .isZero();
  }

  private void endAt(String time) {
    jdbc.sql(
            "UPDATE profile_pic.console_sessions SET ends_at = "
                + time
                + " WHERE key_sha256 = sha256(?::bytea)")
        .param(key)
        .update();
  }
}
