package dev.profilepic.receiver.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every page in both languages, in light and dark mode, on a desktop and on a phone. */
class PagesTest extends ConsoleTest {

  private static String told = "";
  private static List<String> pages = List.of();

  @BeforeEach
  void furnish() {
    if (told.isEmpty()) {
      told = new World(jdbc).furnish();
      long endpoint =
          jdbc.sql("SELECT max(id) FROM profile_pic.webhook_endpoints").query(Long.class).single();
      BRIDGE.put("vendas", "open");
      BRIDGE.put("recife", "qr");
      pages =
          List.of(
              "/",
              "/console/leads",
              "/console/leads?state=HIDDEN",
              "/console/leads?q=nobody%20like%20this",
              "/console/leads/" + told,
              "/console/instances",
              "/console/instances/vendas",
              "/console/instances/recife",
              "/console/syncs",
              "/console/dead-letters",
              "/console/webhooks",
              "/console/webhooks/" + endpoint,
              "/console/keys",
              "/console/log");
    }
  }

  @Test
  void eachIsUsableForEverybodyInEnglish() {
    var page = signedIn(KEY);

    pages.forEach(path -> look(page, path, "en"));
  }

  @Test
  void eachIsUsableForEverybodyInPortugueseOnAPhoneInTheDark() {
    var page = signIn(page(phone()), KEY);

    pages.forEach(path -> {
      look(page, path, "pt-BR");
      assertThat((Integer) page.evaluate("document.documentElement.scrollWidth"))
          .as("%s scrolls sideways", path)
          .isLessThanOrEqualTo(390);
    });
  }

  @Test
  void signingInIsToo() {
    for (var language : List.of("en-US", "pt-PT", "de-DE")) {
      var page = page(new NewContextOptions().setLocale(language).setColorScheme(ColorScheme.DARK));
      page.navigate("/console/sign-in");

      assertAccessible(page);
      assertThat(page.locator("h1").innerText())
          .isEqualTo(language.startsWith("pt") ? "Entrar" : "Sign in");
    }
  }

  @Test
  void everythingOnAPageIsReachedWithTheKeyboard() {
    var page = signedIn(KEY);

    for (var path : Stream.of("/console/leads/" + told, "/console/dead-letters").toList()) {
      page.navigate(path);
      var wanted =
          (Integer)
              page.evaluate(
                  """
                  [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary, [tabindex="0"]')]
                    .filter((each) => each.checkVisibility()).length
                  """);
      var reached = 0;
      for (int i = 0; i < wanted + 5; i++) {
        page.keyboard().press("Tab");
        var fresh =
            (Boolean)
                page.evaluate(
                    """
                    (() => {
                      const at = document.activeElement;
                      if (at === document.body || at.dataset.reached) return false;
                      at.dataset.reached = 'yes';
                      const style = getComputedStyle(at);
                      return at.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
                    })()
                    """);
        reached += fresh ? 1 : 0;
      }
      assertThat(reached).as("%s: in order, with a visible focus", path).isEqualTo(wanted);
    }
  }

  @Test
  void theFirstTabLeadsPastTheNavigation() {
    var page = signedIn(KEY);
    page.navigate("/console/leads");

    page.keyboard().press("Tab");
    page.keyboard().press("Enter");

    assertThat(page.evaluate("document.activeElement.id")).isEqualTo("main");
  }

  private static void look(Page page, String path, String language) {
    var answer = page.navigate(path);
    assertThat(answer.status()).as(path).isEqualTo(200);
    assertThat(page.getAttribute("html", "lang")).isEqualTo(language);
    assertThat(page.content()).as(path).doesNotContain("??");
    assertAccessible(page);
  }
}
