package dev.profilepic.receiver.syncs;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.profilepic.contract.Phones;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.http.Page;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Bulk syncs. */
@RestController
public class SyncController {

  private static final int SHOWN_IN_STATUS = 20;

  /**
   * The answer to a start or to a dry run. A dry run has no id.
   *
   * @param atLeast whether there are more leads than could be counted in time
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Started(
      boolean success,
      @JsonProperty("sync_id") @Nullable Long syncId,
      @JsonProperty("total_leads") long totalLeads,
      @JsonProperty("at_least") boolean atLeast,
      @JsonProperty("dry_run") boolean dryRun,
      @JsonProperty("pace_per_minute") int pacePerMinute,
      @JsonProperty("eta_seconds") long etaSeconds) {}

  /** The answer that existing callers poll. */
  record Status(
      boolean success,
      @JsonProperty("bulk_sync_in_progress") boolean inProgress,
      List<Sync> syncs) {}

  private final Syncs syncs;
  private final Phones phones;

  SyncController(Syncs syncs, Phones phones) {
    this.syncs = syncs;
    this.phones = phones;
  }

  @PostMapping("/instance/{instance}/sync-profile-pics-bulk")
  public ResponseEntity<Started> start(
      @PathVariable String instance,
      @RequestBody(required = false) @Nullable JsonNode body,
      Caller caller) {
    caller.authoriseInstance(Fields.instanceInPath(instance));
    var request = SyncRequest.read(body, phones);
    var counted =
        request.leads() != null
            ? new Syncs.Count(request.listed().size(), true)
            : limited(syncs.count(caller, instance, request.filter()), request.limit());
    long total = counted.leads();
    int pace = syncs.paceOf(caller, instance);
    @Nullable Long id =
        request.dryRun()
            ? null
            : syncs.start(caller, instance, request, total).orElseThrow(SyncController::unknown);
    return ResponseEntity.status(request.dryRun() ? HttpStatus.OK : HttpStatus.ACCEPTED)
        .body(
            new Started(
                true,
                id,
                total,
                !counted.complete(),
                request.dryRun(),
                pace,
                syncs.secondsFor(caller, instance, total, pace)));
  }

  @GetMapping("/bulk-sync-status")
  Status status(Caller caller) {
    var newest = syncs.list(caller, Long.MAX_VALUE, SHOWN_IN_STATUS);
    return new Status(true, newest.stream().anyMatch(Sync::isUnfinished), newest);
  }

  @GetMapping("/syncs")
  public Page<Sync> list(
      @RequestParam(defaultValue = "" + Page.DEFAULT_LIMIT) int limit,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller) {
    int most = Page.limit(limit);
    return Page.of(syncs.list(caller, before, most + 1), most, Sync::syncId);
  }

  @GetMapping("/syncs/{id}")
  public Sync sync(@PathVariable long id, Caller caller) {
    return syncs.find(caller, id).orElseThrow(SyncController::unknown);
  }

  @PostMapping("/syncs/{id}/pause")
  public Sync pause(@PathVariable long id, Caller caller) {
    return moved(caller, id, "PAUSED");
  }

  @PostMapping("/syncs/{id}/resume")
  public Sync resume(@PathVariable long id, Caller caller) {
    return moved(caller, id, "RUNNING");
  }

  /** Cancels a sync. Leads in flight still finish; all other leads are never fed. */
  @PostMapping("/syncs/{id}/cancel")
  public Sync cancel(@PathVariable long id, Caller caller) {
    return moved(caller, id, "CANCELLED");
  }

  private Sync moved(Caller caller, long id, String to) {
    boolean moved = syncs.move(caller, id, to);
    var sync = syncs.find(caller, id).orElseThrow(SyncController::unknown);
    if (!moved && !sync.state().equals(to)) {
      throw new ProblemException(Problem.CONFLICT, "The sync is " + sync.state() + " already.");
    }
    return sync;
  }

  private static Syncs.Count limited(Syncs.Count count, @Nullable Integer limit) {
    return limit == null || count.leads() < limit ? count : new Syncs.Count(limit, true);
  }

  private static ProblemException unknown() {
    return new ProblemException(Problem.NOT_FOUND, "There is no sync of this id.");
  }
}
