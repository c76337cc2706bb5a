package dev.profilepic.receiver.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpMethod;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses forms of the web console whose fields are not plain text, as {@link PlainTextFilter} does
 * for queries. It runs behind {@link BodyFilter}, which bounds the body and answers when the body
 * cannot be read at all. Only the console sends forms: other bodies labelled as forms are JSON.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 15)
class FormTextFilter extends OncePerRequestFilter {

  private final ProblemWriter problems;

  FormTextFilter(ProblemWriter problems) {
    this.problems = problems;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !HttpMethod.POST.matches(request.getMethod())
        || !request.getRequestURI().startsWith("/console/");
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var errors =
        request.getParameterMap().entrySet().stream()
            .filter(field -> !Stream.of(field.getValue()).allMatch(FormTextFilter::isText))
            .map(field ->
                new FieldError(
                    isText(field.getKey()) ? field.getKey() : "form",
                    "must be text without control characters"))
            .toList();
    if (errors.isEmpty()) {
      chain.doFilter(request, response);
    } else {
      problems.write(ProblemException.invalid(List.copyOf(errors)), response);
    }
  }

  private static boolean isText(String value) {
    return value.chars().noneMatch(Character::isISOControl);
  }
}
