package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.ForwardedHttps;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.csrf.CsrfToken;
import org.springframework.security.web.csrf.CsrfTokenRepository;

/** The tokens of forms, in a cookie that is {@code Secure} where the browser speaks https. */
final class CsrfCookies implements CsrfTokenRepository {

  private final CsrfTokenRepository plain = cookies(false);
  private final CsrfTokenRepository secure = cookies(true);

  private static CookieCsrfTokenRepository cookies(boolean secure) {
    var tokens = new CookieCsrfTokenRepository();
    tokens.setCookieName("profile_pic_csrf");
    tokens.setHeaderName("X-CSRF-TOKEN");
    tokens.setCookieCustomizer(
        cookie -> cookie.httpOnly(true).sameSite("Strict").path("/").secure(secure));
    return tokens;
  }

  @Override
  public CsrfToken generateToken(HttpServletRequest request) {
    return plain.generateToken(request);
  }

  @Override
  public void saveToken(
      @Nullable CsrfToken token, HttpServletRequest request, HttpServletResponse response) {
    (ForwardedHttps.of(request) ? secure : plain).saveToken(token, request, response);
  }

  @Override
  public @Nullable CsrfToken loadToken(HttpServletRequest request) {
    return plain.loadToken(request);
  }
}
