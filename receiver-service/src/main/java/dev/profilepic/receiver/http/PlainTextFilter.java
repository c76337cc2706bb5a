package dev.profilepic.receiver.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Refuses calls whose path or parameters are not plain text, before other code reads them: broken
 * percent-encoding, bytes that are not UTF-8, control characters (Postgres accepts no NUL), more
 * parameters than any call needs. Behind this filter every parameter of every route is plain text.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 5)
class PlainTextFilter extends OncePerRequestFilter {

  private static final int MOST_PARAMETERS = 100;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,40}");
  private static final String RULE = "must be percent-encoded UTF-8 without control characters";

  private final BodyLimits limits;
  private final ProblemWriter problems;

  PlainTextFilter(BodyLimits limits, ProblemWriter problems) {
    this.limits = limits;
    this.problems = problems;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      check(request);
    } catch (ProblemException problem) {
      problems.write(problem, response);
      return;
    }
    chain.doFilter(request, response);
  }

  private void check(HttpServletRequest request) {
    if (!isText(request.getRequestURI(), false)) {
      throw new ProblemException(Problem.INVALID, "The path " + RULE + ".");
    }
    var query = request.getQueryString();
    if (query != null) {
      checkParameters(query.split("&", MOST_PARAMETERS + 1));
    }
    if (!isAcceptable(request.getContentType(), limits.isWebhook(request.getRequestURI()))) {
      throw new ProblemException(
          Problem.UNSUPPORTED_MEDIA_TYPE, "Send JSON with Content-Type: application/json.");
    }
  }

  private static void checkParameters(String[] parameters) {
    if (parameters.length > MOST_PARAMETERS) {
      throw new ProblemException(
          Problem.INVALID, "Send at most " + MOST_PARAMETERS + " parameters.");
    }
    var errors = new ArrayList<FieldError>();
    for (var parameter : parameters) {
      if (!isText(parameter, true)) {
        var name = parameter.split("=", 2)[0];
        errors.add(new FieldError(NAME.matcher(name).matches() ? name : "query", RULE));
      }
    }
    if (!errors.isEmpty()) {
      throw ProblemException.invalid(List.copyOf(errors));
    }
  }

  /**
   * Returns whether a content type is acceptable. Webhooks may have any type, except types that
   * Spring cannot parse.
   */
  private static boolean isAcceptable(@Nullable String contentType, boolean webhook) {
    if (contentType == null) {
      return true;
    }
    if (webhook) {
      return !contentType.contains("*");
    }
    try {
      return MediaType.parseMediaType(contentType).isConcrete();
    } catch (InvalidMediaTypeException notAType) {
      return false;
    }
  }

  private static boolean isText(String encoded, boolean inQuery) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes(encoded, inQuery)))
          .chars()
          .noneMatch(Character::isISOControl);
    } catch (IllegalArgumentException | CharacterCodingException notText) {
      return false;
    }
  }

  /**
   * @throws IllegalArgumentException when a percent sign is not followed by two hex digits
   */
  private static byte[] bytes(String encoded, boolean inQuery) {
    var bytes = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      if (c == '%') {
        if (i + 2 >= encoded.length()) {
          throw new IllegalArgumentException("cut");
        }
        bytes.write(HexFormat.fromHexDigits(encoded, i + 1, i + 3));
        i += 2;
      } else {
        // Tomcat leaves unencoded bytes as they came, one character per byte.
        bytes.write(inQuery && c == '+' ? ' ' : c);
      }
    }
    return bytes.toByteArray();
  }
}
