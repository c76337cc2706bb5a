package dev.profilepic.receiver.console;

import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.servlet.HandlerMapping;
import org.springframework.web.servlet.ViewResolver;
import org.springframework.web.servlet.support.RequestContextUtils;
import org.thymeleaf.exceptions.TemplateEngineException;

/**
 * Shows the console's page for errors where a page breaks while it is written. {@link
 * ConsoleAdvice} sees only the errors before that. It runs behind Spring Security, so the page
 * knows its viewer.
 */
@Component
@Order(Ordered.LOWEST_PRECEDENCE)
class BrokenPageFilter extends OncePerRequestFilter {

  private static final Logger log = LoggerFactory.getLogger(BrokenPageFilter.class);

  private final ConsoleAdvice pages;
  private final ViewResolver views;

  BrokenPageFilter(ConsoleAdvice pages, @Qualifier("thymeleafViewResolver") ViewResolver views) {
    this.pages = pages;
    this.views = views;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    var path = request.getRequestURI();
    return !path.equals("/") && !path.startsWith("/console");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      chain.doFilter(request, response);
    } catch (ServletException | RuntimeException failure) {
      var broken = templateError(failure);
      if (broken == null || response.isCommitted()) {
        throw failure;
      }
      // The route, because the path contains a lead's id. The stack is that of the template engine:
      // hundreds of lines that say nothing.
      log.error(
          "the page {} could not be shown: {}; {}",
          request.getAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE),
          broken.getMessage(),
          NestedExceptionUtils.getMostSpecificCause(failure).toString());
      show(request, response);
    }
  }

  private void show(HttpServletRequest request, HttpServletResponse response)
      throws ServletException, IOException {
    var locale = RequestContextUtils.getLocale(request);
    var page =
        pages.page(new ProblemException(Problem.INTERNAL, "The log says more."), request, locale);
    response.resetBuffer();
    response.setStatus(Problem.INTERNAL.status().value());
    try {
      Objects.requireNonNull(
              views.resolveViewName(Objects.requireNonNull(page.getViewName()), locale))
          .render(page.getModel(), request, response);
    } catch (IOException gone) {
      throw gone;
    } catch (Exception broken) {
      throw new ServletException(broken);
    }
  }

  /** Returns the innermost error of the template engine, which names the place; null for none. */
  private static @Nullable TemplateEngineException templateError(Throwable failure) {
    TemplateEngineException found = null;
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof TemplateEngineException error) {
        found = error;
      }
    }
    return found;
  }
}
