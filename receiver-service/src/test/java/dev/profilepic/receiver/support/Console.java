package dev.profilepic.receiver.support;

import dev.profilepic.receiver.support.Http.Answer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The web console as a browser without scripts sees it: cookies, and forms with a CSRF token. */
public final class Console {

  private static final String FORM = "application/x-www-form-urlencoded";

  private final Http visitor;
  private final String session;

  private Console(Http visitor, String session) {
    this.visitor = visitor;
    this.session = session;
  }

  /**
   * Signs in.
   *
   * @param visitor a caller without a key
   */
  public static Console signIn(Http visitor, String key) {
    var answer = new Console(visitor, "").post("/console/sign-in", "key=" + key);
    var session =
        answer.headers().getOrDefault("set-cookie", List.of()).stream()
            .filter(cookie -> cookie.startsWith("profile_pic_session="))
            .findFirst()
            .orElseThrow()
            .replaceFirst("profile_pic_session=([^;]+).*", "$1");
    return new Console(visitor, session);
  }

  /** Returns the session's cookie, as the browser sends it. */
  public String cookie() {
    return "profile_pic_session=" + session;
  }

  public Answer get(String path) {
    return visitor.get(path, "Cookie", cookie());
  }

  /**
   * Sends a form.
   *
   * @param fields encoded, without the CSRF token
   * @param headers names and values in turn
   */
  public Answer post(String path, String fields, String... headers) {
    var form = visitor.get("/console/sign-in");
    var csrf = form.header("set-cookie").replaceFirst(";.*", "");
    var token = form.text().replaceFirst("(?s).*name=\"_csrf\" value=\"([^\"]+)\".*", "$1");
    var all = new java.util.ArrayList<>(List.of(headers));
    all.addAll(List.of("Content-Type", FORM, "Cookie", cookie() + "; " + csrf));
    return visitor.send(
        "POST",
        path,
        (fields + "&_csrf=" + token).getBytes(StandardCharsets.UTF_8),
        all.toArray(String[]::new));
  }
}
