package dev.profilepic.receiver.leads;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Page;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.Trace;
import dev.profilepic.receiver.intake.Accepted;
import dev.profilepic.receiver.intake.Intake;
import dev.profilepic.receiver.intake.Wish;
import dev.profilepic.receiver.matching.LeadMatcher;
import dev.profilepic.receiver.phones.Phones;
import jakarta.servlet.http.HttpServletRequest;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** One lead's photo, for whoever operates the CRM. */
@RestController
class LeadController {

  private final LeadPictures pictures;
  private final LeadMatcher leads;
  private final Intake intake;
  private final Phones phones;
  private final InstantSource clock;

  LeadController(
      LeadPictures pictures, LeadMatcher leads, Intake intake, Phones phones, InstantSource clock) {
    this.pictures = pictures;
    this.leads = leads;
    this.intake = intake;
    this.phones = phones;
    this.clock = clock;
  }

  @GetMapping("/leads/{id}/profile-pic")
  LeadPicture picture(@PathVariable String id) {
    return pictures.find(id).orElseThrow(LeadController::unknown);
  }

  /** Looks now, however fresh what is known may be. */
  @PostMapping("/leads/{id}/profile-pic/refresh")
  @ResponseStatus(HttpStatus.ACCEPTED)
  Accepted refresh(@PathVariable String id, Caller caller, HttpServletRequest request) {
    var lead = leads.byId(id).orElseThrow(LeadController::unknown);
    var phone = Optional.ofNullable(lead.phone()).flatMap(phones::parse).map(PhoneNumber::digits);
    return intake.accept(
        new Wish(
            lead.leadId(),
            phone.orElseThrow(LeadController::withoutPhone),
            null,
            caller.speakingFor(lead.instanceId()),
            clock.instant(),
            "manual",
            true,
            Trace.parentOf(request),
            false,
            caller.boundTo()),
        "refresh");
  }

  @GetMapping("/leads/{id}/profile-pic/history")
  Page<HistoryEntry> history(
      @PathVariable String id,
      @RequestParam(defaultValue = "" + Page.DEFAULT_LIMIT) int limit,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before) {
    var picture = pictures.find(id).orElseThrow(LeadController::unknown);
    int most = Page.limit(limit);
    return Page.of(pictures.history(picture.leadId(), before, most + 1), most, HistoryEntry::id);
  }

  /** Forgets the person (LGPD, GDPR); later events fetch nothing for them. */
  @DeleteMapping("/leads/{id}/profile-pic")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void erase(@PathVariable String id) {
    if (!pictures.erase(id)) {
      throw unknown();
    }
  }

  /** Ends all links to the lead's photo that were given out; the CRM's row gets a new one. */
  @PostMapping("/leads/{id}/profile-pic/revoke-links")
  LeadPicture revokeLinks(@PathVariable String id, Caller caller) {
    if (!pictures.revokeLinks(id, caller.boundTo())) {
      throw unknown();
    }
    return picture(id);
  }

  private static ProblemException unknown() {
    return new ProblemException(Problem.UNKNOWN_LEAD, "The CRM has no lead of this id.");
  }

  private static ProblemException withoutPhone() {
    return new ProblemException(
        Problem.CONFLICT,
        "Give the lead a phone in the CRM first.",
        List.of(new FieldError("phone", "is not a phone number in the CRM")),
        null);
  }
}
