package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.syncs.SyncController;
import dev.profilepic.receiver.syncs.SyncController.Started;
import dev.profilepic.receiver.syncs.SyncFilter;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import tools.jackson.databind.json.JsonMapper;

/** Bulk syncs: dry runs, starts, pauses, cancels. */
@Controller
class SyncsController {

  private static final int PAGE = 20;
  private static final int INSTANCES = 200;

  private final SyncController operations;
  private final ConsoleInstances instances;
  private final JsonMapper json;

  SyncsController(SyncController operations, ConsoleInstances instances, JsonMapper json) {
    this.operations = operations;
    this.instances = instances;
    this.json = json;
  }

  @GetMapping("/console/syncs")
  String list(
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before, Caller caller, Model model) {
    addList(before, caller, model);
    model.addAttribute("live", before == Long.MAX_VALUE);
    model.addAttribute("states", SyncFilter.STATES);
    model.addAttribute(
        "instances",
        instances.list(caller, "", INSTANCES).stream()
            .map(row -> row.instance().instanceId())
            .toList());
    return "console/syncs";
  }

  /** Shows the newest syncs, for a page that is already open. */
  @GetMapping("/console/syncs/live")
  String live(Caller caller, Model model) {
    addList(Long.MAX_VALUE, caller, model);
    model.addAttribute("live", true);
    return "console/syncs :: list";
  }

  /**
   * @param state of the leads; empty for any
   * @param reason of the leads; empty for any. With neither, the sync takes the leads without a
   *     photo
   * @param dry returns the number of leads and starts no sync
   */
  @PostMapping("/console/syncs")
  String start(
      @RequestParam(defaultValue = "") String instance,
      @RequestParam(defaultValue = "") String state,
      @RequestParam(defaultValue = "") String reason,
      @RequestParam(defaultValue = "") String limit,
      @RequestParam(defaultValue = "false") boolean force,
      @RequestParam(defaultValue = "false") boolean dry,
      Caller caller,
      Model model) {
    var body = json.createObjectNode().put("force_update", force).put("dry_run", dry);
    if (!state.isBlank() || !reason.isBlank()) {
      body.putObject("filter")
          .put("state", Forms.orNull(state))
          .put("reason", Forms.orNull(reason));
    }
    if (!limit.isBlank()) {
      Forms.putNumber(body, "limit", limit.strip());
    }
    @Nullable Started started =
        operations.start(Fields.instanceInPath(instance.strip()), body, caller).getBody();
    if (!dry) {
      return "redirect:/console/syncs?done=sync_started";
    }
    model.addAttribute("dry", started);
    model.addAttribute("instance", instance.strip());
    model.addAttribute("state", state);
    model.addAttribute("reason", reason);
    model.addAttribute("limit", limit);
    model.addAttribute("force", force);
    return list(Long.MAX_VALUE, caller, model);
  }

  @PostMapping("/console/syncs/{id}/pause")
  String pause(@PathVariable long id, Caller caller) {
    operations.pause(id, caller);
    return "redirect:/console/syncs?done=sync_paused";
  }

  @PostMapping("/console/syncs/{id}/resume")
  String resume(@PathVariable long id, Caller caller) {
    operations.resume(id, caller);
    return "redirect:/console/syncs?done=sync_resumed";
  }

  @PostMapping("/console/syncs/{id}/cancel")
  String cancel(@PathVariable long id, Caller caller) {
    operations.cancel(id, caller);
    return "redirect:/console/syncs?done=sync_cancelled";
  }

  private void addList(long before, Caller caller, Model model) {
    var page = operations.list(PAGE, before, caller);
    model.addAttribute("syncs", page.items());
    model.addAttribute("next", page.next());
  }
}
