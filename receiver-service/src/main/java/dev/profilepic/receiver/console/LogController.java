package dev.profilepic.receiver.console;

import dev.profilepic.receiver.audit.AuditController;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Shows the audit log: every deed, with its key and its time. */
@Controller
class LogController {

  private static final int PAGE = 50;

  private final AuditController audit;

  LogController(AuditController audit) {
    this.audit = audit;
  }

  @GetMapping("/console/log")
  String list(
      @RequestParam(defaultValue = "") String lead,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller,
      Model model) {
    var page = audit.list(Forms.orNull(lead), PAGE, before, caller);
    model.addAttribute("lead", lead);
    model.addAttribute("entries", page.items());
    model.addAttribute("next", page.next());
    return "console/log";
  }

  /** Answers 404 to any path that is no page. Another handler serves the assets. */
  @RequestMapping("/console/{page:(?!assets).*}/**")
  String nothing() {
    throw new ProblemException(Problem.NOT_FOUND, "There is nothing at this path.");
  }
}
