package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.Cookie;
import com.microsoft.playwright.options.SameSiteAttribute;
import dev.profilepic.receiver.support.Console;
import java.nio.charset.StandardCharsets;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class SignInTest extends ConsoleTest {

  @Test
  void whoeverIsNotSignedInIsSentToSignInAndThenWhereTheyWanted() {
    var page = visitor("en-US");
    page.navigate("/console/instances");

    assertThat(page.url()).endsWith("/console/sign-in?to=%2Fconsole%2Finstances");
    assertThat(main(page)).contains("local-dev-key");
    page.locator("#key").fill(KEY);
    page.locator("button").click();
    page.waitForURL("**/console/instances");

    assertThat(page.locator("h1").innerText()).isEqualTo("Instances");
  }

  @Test
  void aLinkLeadsNowhereElseAfterSigningIn() {
    for (var to :
        new String[] {"//evil.example", "https://evil.example", "/console/%0d%0ax", "/docs"}) {
      var page = visitor("en-US");
      page.navigate(
          "/console/sign-in?to=" + java.net.URLEncoder.encode(to, StandardCharsets.UTF_8));

      assertThat(page.inputValue("input[name=to]")).isEqualTo("/");
    }
  }

  @Test
  void theCookieIsForThisSiteAndNoScript() {
    var page = signedIn(KEY);

    assertThat(page.context().cookies())
        .filteredOn(cookie -> cookie.name.equals("profile_pic_session"))
        .singleElement()
        .satisfies((Cookie cookie) -> {
          assertThat(cookie.httpOnly).isTrue();
          assertThat(cookie.sameSite).isEqualTo(SameSiteAttribute.STRICT);
          assertThat(cookie.expires).as("ends with the browser").isEqualTo(-1);
        });
    assertThat(
            http.send(
                    "POST",
                    "/console/sign-in",
                    new byte[0],
                    "Content-Type",
                    "application/x-www-form-urlencoded")
                .status())
        .as("without a CSRF token")
        .isEqualTo(403);
  }

  @Test
  void behindHttpsItIsSecure() {
    var answer =
        Console.signIn(withKey(null), KEY)
            .post("/console/sign-in", "key=" + KEY, "X-Forwarded-Proto", "https");

    assertThat(answer.status()).isEqualTo(302);
    assertThat(answer.header("set-cookie")).contains("profile_pic_session=").contains("Secure");
  }

  @Test
  void aKeyThatIsUnknownOrMayNotReadIsRefused() {
    var ingest = newKey("ingest");
    var page = visitor("pt-BR");

    page.navigate("/console/sign-in");
    page.locator("#key").fill("ppk_nobody");
    page.locator("button").click();
    assertThat(page.locator("[role=alert]").innerText()).contains("não existe");
    page.locator("#key").fill(ingest);
    page.locator("button").click();
    assertThat(page.locator("[role=alert]").innerText()).contains("escopo read");
    assertAccessible(page);
    expectComplaint("401");
  }

  @Test
  void signingOutEndsTheSessionForWhoeverHasItsCookie() {
    var page = signedIn(KEY);
    var cookie =
        page.context().cookies().stream()
            .filter(each -> each.name.equals("profile_pic_session"))
            .findFirst()
            .orElseThrow();
    assertThat(asks(cookie.value)).isEqualTo(200);

    button(page, "Sign out").click();

    page.waitForURL("**/console/sign-in");
    assertThat(asks(cookie.value)).isEqualTo(302);
  }

  @Test
  void aSessionEndsWhenItsKeyIsRevoked() {
    var key = newKey("read");
    var page = signedIn(key);
    page.navigate("/console/leads");
    assertThat(page.locator("h1").innerText()).isEqualTo("Leads");

    jdbc.sql("UPDATE profile_pic.api_keys SET revoked_at = now() WHERE name = ?")
        .param(key)
        .update();

    Awaitility.await()
        .until(() -> {
          page.navigate("/console/leads");
          return page.url().contains("/console/sign-in");
        });
  }

  @Test
  void aPageThatIsOpenGoesToSignInWhenTheSessionEnds() {
    var page = signedIn(KEY);
    jdbc.sql("DELETE FROM profile_pic.console_sessions").update();

    page.waitForURL("**/console/sign-in");
    expectComplaint("401");
  }

  private int asks(String session) {
    return withKey(null).get("/console/leads", "Cookie", "profile_pic_session=" + session).status();
  }
}
