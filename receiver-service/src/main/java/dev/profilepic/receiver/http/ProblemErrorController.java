package dev.profilepic.receiver.http;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Errors that the container reports outside any controller, in the same form. */
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
    return problems.entity(
        code >= 500
            ? new ProblemException(Problem.INTERNAL, "The log says more. Nothing was accepted.")
            : code == 404
                ? new ProblemException(Problem.NOT_FOUND, "There is nothing at this path.")
                : new ProblemException(Problem.INVALID, "The request could not be read."));
  }
}
