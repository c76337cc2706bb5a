package dev.profilepic.receiver.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.security.web.header.HeaderWriter;

/**
 * The headers that limit a browser's use of an answer. Spring Security writes them. Code that
 * answers before Spring Security writes the same headers.
 *
 * @param writers in the order in which they write
 */
public record SecurityHeaders(List<HeaderWriter> writers) {

  public SecurityHeaders {
    writers = List.copyOf(writers);
  }

  /** Adds the headers that are missing. */
  public void addTo(HttpServletRequest request, HttpServletResponse response) {
    writers.forEach(writer -> writer.writeHeaders(request, response));
  }
}
