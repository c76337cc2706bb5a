package dev.profilepic.receiver.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * Answers errors that the container reports outside of any controller, in the form of all other
 * errors.
 */
@RestController
class ProblemErrorController implements ErrorController {

  private final ProblemWriter problems;

  ProblemErrorController(ProblemWriter problems) {
    this.problems = problems;
  }

  @RequestMapping("${server.error.path:/error}")
  ResponseEntity<Object> onError(HttpServletRequest request) {
    var status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    var code = status instanceof Integer number ? number : 404;
    var kind = Problem.ofStatus(code);
    return problems.entity(
        new ProblemException(
            kind,
            switch (kind) {
              case INTERNAL -> "The log says more. Nothing was accepted.";
              case NOT_FOUND -> "There is nothing at this path.";
              default -> "The request could not be read. Nothing was accepted.";
            }));
  }
}
