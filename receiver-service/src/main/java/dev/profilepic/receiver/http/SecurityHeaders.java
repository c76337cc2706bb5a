package dev.profilepic.receiver.http;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import org.springframework.security.web.header.HeaderWriter;

/**
 * The headers that keep browsers from doing more with an answer than they should. Spring Security
 * writes them; what answers in front of it writes the same.
 *
 * @param writers in the order in which they write
 */
public record SecurityHeaders(List<HeaderWriter> writers) {

  public SecurityHeaders {
    writers = List.copyOf(writers);
  }

  /** Adds the headers that are not there yet. */
  public void addTo(HttpServletRequest request, HttpServletResponse response) {
    writers.forEach(writer -> writer.writeHeaders(request, response));
  }
}
