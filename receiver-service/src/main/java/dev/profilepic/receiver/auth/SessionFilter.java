package dev.profilepic.receiver.auth;

import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.dao.DataAccessException;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.WebUtils;

/** Turns the cookie of a session into a caller, for this request. */
final class SessionFilter extends OncePerRequestFilter {

  private final ConsoleSessions sessions;
  private final ProblemWriter problems;

  SessionFilter(ConsoleSessions sessions, ProblemWriter problems) {
    this.sessions = sessions;
    this.problems = problems;
  }

  /** Returns true for assets: they are the same for everyone and need no session. */
  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return request.getRequestURI().startsWith("/console/assets/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var cookie = WebUtils.getCookie(request, ConsoleSessions.COOKIE);
    if (cookie != null) {
      try {
        sessions
            .callerOf(cookie.getValue())
            .ifPresent(caller -> {
              var context = SecurityContextHolder.createEmptyContext();
              context.setAuthentication(caller);
              SecurityContextHolder.setContext(context);
            });
      } catch (ProblemException unavailable) {
        problems.write(unavailable, response);
        return;
      } catch (DataAccessException away) {
        problems.write(ProblemException.unavailable(), response);
        return;
      }
    }
    chain.doFilter(request, response);
  }
}
