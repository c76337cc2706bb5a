package dev.profilepic.receiver.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * Closes connections whose answer was begun and cannot be finished: the client would take the next
 * answer on the same connection for the rest of this answer. Only Tomcat can close a connection,
 * and an exception would make Tomcat append an error to the sent part.
 */
public final class CutConnectionValve extends ValveBase {

  private static final String CUT = CutConnectionValve.class.getName() + ".cut";

  private static final String LEAVE_REST = CutConnectionValve.class.getName() + ".leave-rest";

  CutConnectionValve() {
    super(true);
  }

  /** Marks the request's connection, which is closed after the request's handler has returned. */
  public static void cut(HttpServletRequest request) {
    request.setAttribute(CUT, Boolean.TRUE);
  }

  /**
   * Leaves the rest of a refused body unread. Tomcat would read it to its end before it answers,
   * and its sender may take any time.
   */
  static void leaveRest(HttpServletRequest request) {
    request.setAttribute(LEAVE_REST, Boolean.TRUE);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    getNext().invoke(request, response);
    if (request.getAttribute(CUT) != null) {
      response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
    } else if (request.getAttribute(LEAVE_REST) != null) {
      response.getCoyoteResponse().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
    }
  }
}
