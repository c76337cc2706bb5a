package dev.profilepic.receiver.idempotency;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.DatabaseCalls;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.ProblemWriter;
import dev.profilepic.receiver.idempotency.KeptAnswers.Found;
import dev.profilepic.receiver.idempotency.KeptAnswers.Key;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpMethod;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * {@code Idempotency-Key} on POST (IETF draft-ietf-httpapi-idempotency-key-header). The same
 * caller, key and call get the same answer again. The same key with another call gets 422, and 409
 * while the first call is being worked. A failed answer is not kept, because nothing was done: the
 * call may be sent again with the same key.
 *
 * <p>Runs behind Spring Security, so the caller is known. Signed webhooks have their own ids.
 */
@Component
@Order(0)
class IdempotencyFilter extends OncePerRequestFilter {

  private static final String HEADER = "Idempotency-Key";

  /**
   * The console's answers show new keys and pairing codes, which are stored nowhere. No answer of
   * the API to a POST holds a secret ({@code EndpointController}).
   */
  private static final String CONSOLE = "/console/";

  private static final int LONGEST_KEY = 255;
  private static final int LARGEST_ANSWER = 65_536;
  private static final Logger log = LoggerFactory.getLogger(IdempotencyFilter.class);

  private final KeptAnswers answers;
  private final Fingerprints fingerprints;
  private final DatabaseCalls database;
  private final ProblemWriter problems;

  IdempotencyFilter(
      KeptAnswers answers,
      Fingerprints fingerprints,
      DatabaseCalls database,
      ProblemWriter problems) {
    this.answers = answers;
    this.fingerprints = fingerprints;
    this.database = database;
    this.problems = problems;
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getMethod().equals(HttpMethod.POST.name())
        || request.getHeader(HEADER) == null
        || request.getRequestURI().startsWith(CONSOLE);
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    if (!(SecurityContextHolder.getContext().getAuthentication() instanceof Caller caller)
        || caller.delivery().isPresent()) {
      chain.doFilter(request, response);
      return;
    }
    try {
      var key = new Key(caller.account(), keyOf(request));
      var fingerprint = fingerprints.of(request);
      switch (database.patiently(() -> answers.take(key, fingerprint))) {
        case Found.Taken taken -> work(key, request, response, chain);
        case Found.Answered answered -> repeat(answered, response);
        case Found.Busy busy ->
            throw new ProblemException(
                Problem.CONFLICT,
                "The same request is being worked. Send it again after Retry-After.",
                List.of(),
                Duration.ofSeconds(1));
        case Found.Other other ->
            throw new ProblemException(
                Problem.IDEMPOTENCY_KEY_REUSED, "Use a new key for each request.");
      }
    } catch (ProblemException problem) {
      problems.write(problem, response);
    } catch (DataAccessException away) {
      problems.write(ProblemException.unavailable(), response);
    }
  }

  private void work(
      Key key, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    var copied = new ContentCachingResponseWrapper(response);
    boolean kept = false;
    try {
      chain.doFilter(request, copied);
      kept = keep(key, copied);
    } finally {
      if (!kept) {
        giveBack(key);
      }
      copied.copyBodyToResponse();
    }
  }

  private boolean keep(Key key, ContentCachingResponseWrapper response) {
    var body = response.getContentAsByteArray();
    if (response.getStatus() / 100 != 2 || body.length > LARGEST_ANSWER) {
      return false;
    }
    var type = response.getContentType() == null ? "" : response.getContentType();
    try {
      database.patiently(() -> {
        answers.keep(key, new Found.Answered(response.getStatus(), type, body));
        return true;
      });
    } catch (DataAccessException | ProblemException away) {
      log.debug("an answer is not kept, its request may be done again: {}", away.getMessage());
    }
    // The work is done. For a minute no other call repeats it, even if the answer could not be
    // kept.
    return true;
  }

  /** Gives the key back. When this fails too, the call may be sent again a minute later. */
  private void giveBack(Key key) {
    try {
      database.patiently(() -> {
        answers.giveBack(key);
        return true;
      });
    } catch (DataAccessException | ProblemException away) {
      log.debug("an idempotency key is given back later: {}", away.getMessage());
    }
  }

  private static void repeat(Found.Answered answer, HttpServletResponse response)
      throws IOException {
    response.setStatus(answer.status());
    if (!answer.contentType().isEmpty()) {
      response.setContentType(answer.contentType());
    }
    response.setHeader("Idempotency-Replayed", "true");
    response.getOutputStream().write(answer.body());
  }

  /**
   * Returns the key of a call. The draft writes keys as quoted strings, but most senders do not
   * quote them.
   */
  private static String keyOf(HttpServletRequest request) {
    var text = request.getHeader(HEADER).strip();
    var key =
        text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")
            ? text.substring(1, text.length() - 1)
            : text;
    if (key.isEmpty()
        || key.length() > LONGEST_KEY
        || !key.chars().allMatch(each -> each > 32 && each < 127)) {
      throw ProblemException.invalid(
          List.of(
              new FieldError(HEADER, "must be 1 to " + LONGEST_KEY + " visible ASCII characters")));
    }
    return key;
  }
}
