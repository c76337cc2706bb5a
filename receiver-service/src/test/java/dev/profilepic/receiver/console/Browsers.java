package dev.profilepic.receiver.console;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Playwright;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One Chromium for all tests of this JVM. {@code bin/test} installs it if it is missing. */
final class Browsers {

  private static final Browser CHROMIUM = launch();

  private Browsers() {}

  static Browser chromium() {
    return CHROMIUM;
  }

  private static Browser launch() {
    var playwright =
        Playwright.create(
            new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
    Runtime.getRuntime().addShutdownHook(new Thread(playwright::close));
    return playwright
        .chromium()
        .launch(
            new LaunchOptions()
                .setExecutablePath(executable())
                .setArgs(List.of("--no-sandbox", "--disable-dev-shm-usage")));
  }

  private static Path executable() {
    return Stream.concat(
            Optional.ofNullable(System.getenv("PROFILE_PIC_TEST_CHROMIUM")).stream(),
            Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"))
        .map(Path::of)
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow(() ->
            new IllegalStateException(
                "no Chromium found: install Debian's package chromium, or set PROFILE_PIC_TEST_CHROMIUM"));
  }
}
