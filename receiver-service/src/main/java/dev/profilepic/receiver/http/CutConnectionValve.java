package dev.profilepic.receiver.http;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * Closes connections whose answer was begun and cannot be ended: the next one on the same
 * connection would be taken for its rest. Only Tomcat can close them, and an exception would make
 * it append an error to what was sent.
 */
public final class CutConnectionValve extends ValveBase {

  private static final String CUT = CutConnectionValve.class.getName() + ".cut";

  CutConnectionValve() {
    super(true);
  }

  /** Has the request's connection closed once its handler has returned. */
  public static void cut(HttpServletRequest request) {
    request.setAttribute(CUT, Boolean.TRUE);
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    getNext().invoke(request, response);
    if (request.getAttribute(CUT) != null) {
      response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
    }
  }
}
