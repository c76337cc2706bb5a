import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.apache.catalina.startup.Tomcat;

/**
 * The upper limit of the receiver's web server: the same Tomcat on virtual threads, which reads the body and answers
 * 202 without parsing it. No Spring, no key, no database.
 *
 * <p>{@code java -cp 'LIBRARIES/*' BareEndpoint.java PORT}
 */
final class BareEndpoint {

  private static final byte[] ANSWER = "{\"success\":true,\"status\":\"queued\"}".getBytes(StandardCharsets.US_ASCII);

  private BareEndpoint() {}

  public static void main(String[] args) throws Exception {
    var tomcat = new Tomcat();
    tomcat.setBaseDir(Files.createTempDirectory("bare-endpoint").toString());
    tomcat.setHostname("127.0.0.1");
    tomcat.setPort(Integer.parseInt(args[0]));
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    tomcat.getConnector().setProperty("useVirtualThreads", "true");
    // As in the receiver, where Spring Boot sets this property.
    tomcat.getConnector().setProperty("maxKeepAliveRequests", "100");
    var context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "answer", new Answer());
    context.addServletMappingDecoded("/*", "answer");
    tomcat.start();
    System.out.println("endpoint is ready");
    tomcat.getServer().await();
  }

  private static final class Answer extends HttpServlet {

    private static final long serialVersionUID = 1L;

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
      request.getInputStream().readAllBytes();
      response.setStatus(202);
      response.setContentType("application/json");
      response.setContentLength(ANSWER.length);
      response.getOutputStream().write(ANSWER);
    }
  }
}
