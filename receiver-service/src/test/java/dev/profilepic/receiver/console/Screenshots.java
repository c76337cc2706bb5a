package dev.profilepic.receiver.console;

import com.microsoft.playwright.Browser.NewContextOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.LoadState;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * Takes the pictures in docs/screenshots for {@code bin/screenshots}. The class is not a test, and
 * its name keeps it out of {@code bin/test}.
 */
class Screenshots extends ConsoleTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("screenshots", "../docs/screenshots"));

  @Test
  void take() {
    var told = new World(jdbc).furnish();
    BRIDGE.put("vendas", "open");
    BRIDGE.put("suporte", "open");
    BRIDGE.put("recife", "qr");
    var light = desktop("en-US", ColorScheme.LIGHT);
    var dark = desktop("pt-BR", ColorScheme.DARK);
    var phone = signIn(page(phone()), KEY);

    shoot(light, "/", "overview");
    shoot(dark, "/", "overview-dark");
    shoot(light, "/console/leads", "leads");
    shoot(light, "/console/leads/" + told, "lead");
    shoot(phone, "/console/leads/" + told, "lead-phone");
    shoot(phone, "/", "overview-phone");
    shoot(light, "/console/instances", "instances");
    shoot(light, "/console/instances/recife", "pairing");
    shoot(dark, "/console/instances/vendas", "instance-dark");
    shoot(light, "/console/syncs", "syncs");
    shoot(light, "/console/dead-letters", "dead-letters");
    shoot(light, "/console/webhooks", "webhooks");
    shoot(light, "/console/keys", "keys");
    shoot(light, "/console/log", "log");
    var visitor = page(new NewContextOptions().setViewportSize(1280, 800));
    shoot(visitor, "/console/sign-in", "sign-in");
  }

  private Page desktop(String language, ColorScheme colours) {
    return signIn(
        page(
            new NewContextOptions()
                .setLocale(language)
                .setTimezoneId("America/Sao_Paulo")
                .setColorScheme(colours)
                .setViewportSize(1280, 800)),
        KEY);
  }

  private static void shoot(Page page, String path, String name) {
    page.navigate(path);
    page.waitForLoadState(LoadState.NETWORKIDLE);
    page.screenshot(
        new ScreenshotOptions().setFullPage(true).setPath(FOLDER.resolve(name + ".png")));
  }
}
