package dev.profilepic.receiver.leads;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Page;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.http.Trace;
import dev.profilepic.receiver.intake.Accepted;
import dev.profilepic.receiver.intake.Intake;
import dev.profilepic.receiver.intake.PhotoRequest;
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

/** One lead's photo, for operators of the CRM. */
@RestController
public class LeadController {

  private static final String REFRESH = "refresh";

  private final LeadPictures pictures;
  private final Erasures erasures;
  private final Intake intake;
  private final Phones phones;
  private final InstantSource clock;

  LeadController(
      LeadPictures pictures, Erasures erasures, Intake intake, Phones phones, InstantSource clock) {
    this.pictures = pictures;
    this.erasures = erasures;
    this.intake = intake;
    intake.expect(REFRESH);
    this.phones = phones;
    this.clock = clock;
  }

  @GetMapping("/leads/{id}/profile-pic")
  LeadPicture picture(@PathVariable String id, Caller caller) {
    return pictures.find(id, caller).orElseThrow(LeadController::unknown);
  }

  /** Looks for the photo now, even when the known state is fresh. */
  @PostMapping("/leads/{id}/profile-pic/refresh")
  @ResponseStatus(HttpStatus.ACCEPTED)
  public Accepted refresh(@PathVariable String id, Caller caller, HttpServletRequest request) {
    var lead = pictures.owned(id, caller).orElseThrow(LeadController::unknown);
    var phone = Optional.ofNullable(lead.phone()).flatMap(phones::parse).map(PhoneNumber::digits);
    return intake.accept(
        new PhotoRequest(
            lead.leadId(),
            phone.orElseThrow(LeadController::withoutPhone),
            null,
            caller.authoriseInstance(lead.instanceId()),
            clock.instant(),
            "manual",
            true,
            Trace.parentOf(request),
            false,
            caller.boundTo()),
        REFRESH);
  }

  @GetMapping("/leads/{id}/profile-pic/history")
  public Page<HistoryEntry> history(
      @PathVariable String id,
      @RequestParam(defaultValue = "" + Page.DEFAULT_LIMIT) int limit,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller) {
    var picture = pictures.find(id, caller).orElseThrow(LeadController::unknown);
    int most = Page.limit(limit);
    return Page.of(
        pictures.history(picture.leadId(), caller, before, most + 1), most, HistoryEntry::id);
  }

  /**
   * Forgets the person (LGPD, GDPR) in the caller's instances: this lead and all other leads with
   * its phone. Until {@link #allow}, later events fetch nothing for them.
   */
  @DeleteMapping("/leads/{id}/profile-pic")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void erase(@PathVariable String id, Caller caller) {
    if (!erasures.erase(id, caller)) {
      throw unknown();
    }
  }

  /** Lifts an erasure: later events and refreshes fetch again. */
  @PostMapping("/leads/{id}/profile-pic/allow")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void allow(@PathVariable String id, Caller caller) {
    switch (erasures.allow(id, caller)) {
      case ALLOWED -> {}
      case UNKNOWN_LEAD -> throw unknown();
      case HELD ->
          throw new ProblemException(
              Problem.CONFLICT,
              "The person was erased for all instances: allow it with a key that is bound to none.");
    }
  }

  /** Revokes all links to the lead's photo so far. The CRM's row gets a new link. */
  @PostMapping("/leads/{id}/profile-pic/revoke-links")
  public LeadPicture revokeLinks(@PathVariable String id, Caller caller) {
    if (!pictures.revokeLinks(id, caller)) {
      throw unknown();
    }
    return picture(id, caller);
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
