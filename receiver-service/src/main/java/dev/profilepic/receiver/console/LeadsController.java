package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Page;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.leads.LeadController;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;

/** Finds and explains leads, asks for their photos again, and forgets people. */
@Controller
class LeadsController {

  /** The states, in the order in which the page offers them. */
  static final List<String> STATES =
      List.of(
          "PENDING",
          "STORED",
          "NOT_SET",
          "HIDDEN",
          "NOT_ON_WHATSAPP",
          "UNKNOWN",
          "FAILED",
          "ERASED");

  private static final int SHOWN_OF_HISTORY = 50;

  private final ConsoleLeads leads;
  private final LeadController operations;
  private final InstantSource clock;

  LeadsController(ConsoleLeads leads, LeadController operations, InstantSource clock) {
    this.leads = leads;
    this.operations = operations;
    this.clock = clock;
  }

  /**
   * @param found how many leads of a page the steps before this step have found: each step reads a
   *     limited number of leads, so a page may take several steps, and the browser asks for the
   *     next step until the page is full
   */
  @GetMapping("/console/leads")
  String list(
      @RequestParam(defaultValue = "") String q,
      @RequestParam(defaultValue = "") String state,
      @RequestParam(defaultValue = "") String reason,
      @RequestParam(defaultValue = "") String instance,
      @RequestParam(required = false) @Nullable String after,
      @RequestParam(defaultValue = "0") int found,
      @RequestHeader(name = "HX-Request", required = false) @Nullable String part,
      Caller caller,
      Model model) {
    model.addAttribute("q", q);
    model.addAttribute("state", state);
    model.addAttribute("reason", reason);
    model.addAttribute("instance", instance);
    model.addAttribute("states", STATES);
    int wanted = ConsoleLeads.PAGE - Math.clamp(found, 0, ConsoleLeads.PAGE - 1);
    var step = part(caller, q.strip(), state, reason, instance, after, wanted);
    int lacking = Math.max(0, wanted - step.leads().size());
    model.addAttribute("part", step);
    model.addAttribute("looksOn", lacking > 0);
    model.addAttribute("found", lacking > 0 ? ConsoleLeads.PAGE - lacking : 0);
    model.addAttribute("first", after == null);
    return part == null ? "console/leads" : "console/leads :: rows";
  }

  private ConsoleLeads.Part part(
      Caller caller,
      String q,
      String state,
      String reason,
      String instance,
      @Nullable String after,
      int most) {
    if (!q.isEmpty()) {
      return leads.search(caller, q);
    }
    if (state.isEmpty() && reason.isEmpty() && instance.isEmpty()) {
      return leads.latest(caller, null, after, most);
    }
    return leads.filtered(
        caller,
        state.isEmpty() ? null : state,
        Forms.orNull(reason),
        Forms.orNull(instance),
        after,
        most);
  }

  @GetMapping("/console/leads/{id}")
  String lead(@PathVariable String id, Caller caller, Model model) {
    var facts = leads.facts(caller, id).orElseThrow(LeadsController::unknown);
    model.addAttribute("lead", facts);
    model.addAttribute("why", WhyNoPhoto.of(facts, leads.reads(facts.phone()), clock.instant()));
    model.addAttribute("eta", facts.eta());
    model.addAttribute("history", history(caller, facts.leadId()));
    return "console/lead";
  }

  private Page<?> history(Caller caller, String id) {
    try {
      return operations.history(id, SHOWN_OF_HISTORY, Long.MAX_VALUE, caller);
    } catch (ProblemException gone) {
      return new Page<>(true, List.of(), null);
    }
  }

  @PostMapping("/console/leads/{id}/refresh")
  String refresh(@PathVariable String id, Caller caller, HttpServletRequest request) {
    return back(id, operations.refresh(id, caller, request).status());
  }

  /** Erases a lead. The user types a confirmation, because an erasure cannot be undone. */
  @PostMapping("/console/leads/{id}/erase")
  String erase(
      @PathVariable String id,
      @RequestParam(defaultValue = "") String confirmation,
      Caller caller) {
    var lead = leads.facts(caller, id).orElseThrow(LeadsController::unknown);
    if (!confirmation.strip().equals(lead.leadId())) {
      throw new ProblemException(
          Problem.INVALID, "Type the lead's id as it stands on the page. Nothing was erased.");
    }
    operations.erase(id, caller);
    return back(id, "erased");
  }

  @PostMapping("/console/leads/{id}/allow")
  String allow(@PathVariable String id, Caller caller) {
    operations.allow(id, caller);
    return back(id, "allowed");
  }

  @PostMapping("/console/leads/{id}/revoke-links")
  String revokeLinks(@PathVariable String id, Caller caller) {
    operations.revokeLinks(id, caller);
    return back(id, "links_revoked");
  }

  private static String back(String id, String done) {
    return "redirect:/console/leads/" + Forms.encoded(id) + "?done=" + done;
  }

  private static ProblemException unknown() {
    return new ProblemException(Problem.UNKNOWN_LEAD, "The CRM has no lead of this id.");
  }
}
