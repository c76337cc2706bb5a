package dev.profilepic.receiver.intake;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.auth.EventSenders;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.SecurityHeaders;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.servlet.HandlerMapping;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The short way for plain events. {@code POST /profile-pics} with a valid key in a header and a
 * valid JSON body is answered here, in front of Spring Security and Spring MVC. These two cost more
 * than all other work for such a call.
 *
 * <p>Any other call passes on to them unanswered: calls from browsers, other media types, {@code
 * Idempotency-Key}, unknown keys or keys without the scope, wrong bodies, callers over their limit.
 * So the long way decides on every refusal. Both ways share {@link LeadEvents}, {@link
 * EventSenders} and {@link Intake}, which define a good call.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 20)
class EventFilter extends OncePerRequestFilter {

  static final String PATH = "/profile-pics";

  private static final Set<String> JSON =
      Set.of("application/json", "application/json;charset=utf-8");

  private record Event(PhotoRequest photo, Caller caller) {}

  private final EventSenders senders;
  private final LeadEvents events;
  private final Intake intake;
  private final JsonMapper json;
  private final SecurityHeaders headers;
  private final HandlerExceptionResolver answers;

  /**
   * @param answers turns exceptions into the same answers as for controllers
   */
  EventFilter(
      EventSenders senders,
      LeadEvents events,
      Intake intake,
      JsonMapper json,
      SecurityHeaders headers,
      @Qualifier("handlerExceptionResolver") HandlerExceptionResolver answers) {
    this.senders = senders;
    this.events = events;
    this.intake = intake;
    this.json = json;
    this.headers = headers;
    this.answers = answers;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !PATH.equals(request.getRequestURI()) || !isPlain(request);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var event = read(request);
    if (event == null || !senders.mayCome(event.caller())) {
      chain.doFilter(request, response);
      return;
    }
    nameTheRoute(request);
    headers.addTo(request, response);
    try {
      var accepted = json.writeValueAsBytes(intake.accept(event.photo(), LeadEvents.SOURCE));
      response.setStatus(HttpServletResponse.SC_ACCEPTED);
      response.setContentType(MediaType.APPLICATION_JSON_VALUE);
      response.setContentLength(accepted.length);
      response.getOutputStream().write(accepted);
    } catch (RuntimeException failure) {
      if (answers.resolveException(request, response, null, failure) == null) {
        throw failure;
      }
    }
  }

  /** Returns the event of a call without any error; null for all other calls. */
  private @Nullable Event read(HttpServletRequest request) throws IOException {
    try {
      var caller = senders.find(request).orElse(null);
      if (caller == null) {
        return null;
      }
      var body = json.readTree(request.getInputStream().readAllBytes());
      return new Event(events.read(body, caller, request), caller);
    } catch (JacksonException | ProblemException wrong) {
      return null;
    }
  }

  /** Returns whether the call needs no decision of Spring Security or MVC. */
  private static boolean isPlain(HttpServletRequest request) {
    return request.getMethod().equals("POST")
        && request.getQueryString() == null
        && request.getHeader("Idempotency-Key") == null
        && request.getHeader(HttpHeaders.ORIGIN) == null
        && isJson(request.getContentType())
        && takesJson(request.getHeader(HttpHeaders.ACCEPT));
  }

  private static boolean isJson(@Nullable String type) {
    return type != null
        && (JSON.contains(type) || JSON.contains(type.toLowerCase(Locale.ROOT).replace(" ", "")));
  }

  private static boolean takesJson(@Nullable String accept) {
    return accept == null
        || accept.equals("*/*")
        || (accept.indexOf(';') < 0
            && (accept.contains("*/*") || accept.contains(MediaType.APPLICATION_JSON_VALUE)));
  }

  /** Sets the attributes that MVC sets, for metrics and traces. */
  private static void nameTheRoute(HttpServletRequest request) {
    request.setAttribute(HandlerMapping.BEST_MATCHING_PATTERN_ATTRIBUTE, PATH);
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(observed -> observed.setPathPattern(PATH));
  }
}
