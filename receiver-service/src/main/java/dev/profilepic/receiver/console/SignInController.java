package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.ConsoleSessions;
import dev.profilepic.receiver.auth.ConsoleSessions.Opened;
import dev.profilepic.receiver.http.ForwardedHttps;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;
import org.springframework.web.util.WebUtils;

/** Signs users in with a key, and signs them out. */
@Controller
class SignInController {

  private static final String SIGN_IN = "console/sign-in";

  /** Only pages of the console: after signing in, a link must not lead to another site. */
  private static final Pattern OWN_PAGE =
      Pattern.compile("/(console/(?:[A-Za-z0-9/_.~:-]|%[2-9A-Fa-f][0-9A-Fa-f])*)?");

  private final ConsoleSessions sessions;
  private final ConsoleAdvice pages;

  SignInController(ConsoleSessions sessions, ConsoleAdvice pages) {
    this.sessions = sessions;
    this.pages = pages;
  }

  @GetMapping("/console/sign-in")
  String form(@RequestParam(defaultValue = "/") String to, Model model) {
    model.addAttribute("to", own(to));
    return SIGN_IN;
  }

  @PostMapping("/console/sign-in")
  String signIn(
      @RequestParam(defaultValue = "") String key,
      @RequestParam(defaultValue = "/") String to,
      Model model,
      HttpServletRequest request,
      HttpServletResponse response) {
    switch (sessions.open(key)) {
      case Opened.SignedIn(var token) -> {
        endSession(request);
        setCookie(token, null, request, response);
        return "redirect:" + own(to);
      }
      case Opened.UnknownKey() -> model.addAttribute("refused", "unknown");
      case Opened.MayNotRead() -> model.addAttribute("refused", "scope");
    }
    model.addAttribute("to", own(to));
    response.setStatus(HttpStatus.UNAUTHORIZED.value());
    return SIGN_IN;
  }

  @PostMapping("/console/sign-out")
  String signOut(HttpServletRequest request, HttpServletResponse response) {
    endSession(request);
    setCookie("", Duration.ZERO, request, response);
    return "redirect:/console/sign-in";
  }

  /** Ends the session that the browser has, if it has one. */
  private void endSession(HttpServletRequest request) {
    var cookie = WebUtils.getCookie(request, ConsoleSessions.COOKIE);
    if (cookie != null) {
      sessions.close(cookie.getValue());
    }
  }

  /**
   * Shows the refusal. Security's filters send users here who lack the right for a page or an
   * action.
   */
  @RequestMapping("/console/refused")
  ModelAndView refused(HttpServletRequest request, Locale locale) {
    return pages.page(
        new ProblemException(Problem.FORBIDDEN, "Use a key with the scope that is needed."),
        request,
        locale);
  }

  private static String own(String to) {
    return OWN_PAGE.matcher(to).matches() ? to : "/";
  }

  /** Sets the session's cookie. A cookie without an age ends with the browser. */
  private static void setCookie(
      String token,
      @org.jspecify.annotations.Nullable Duration age,
      HttpServletRequest request,
      HttpServletResponse response) {
    var cookie =
        ResponseCookie.from(ConsoleSessions.COOKIE, token)
            .httpOnly(true)
            .sameSite("Strict")
            .secure(ForwardedHttps.of(request))
            .path("/");
    if (age != null) {
      cookie.maxAge(age);
    }
    response.addHeader(HttpHeaders.SET_COOKIE, cookie.build().toString());
  }
}
