package dev.profilepic.receiver.console;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.bridge.Bridge;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Fields;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.instances.InstanceController;
import dev.profilepic.receiver.instances.WorkingHours;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Shows, adds, pairs, paces and pauses the WhatsApp numbers. */
@Controller
class InstancesController {

  private static final int SHOWN_EVENTS = 30;

  private final ConsoleInstances instances;
  private final InstanceController operations;
  private final Bridge bridge;
  private final Phones phones;
  private final JsonMapper json;

  InstancesController(
      ConsoleInstances instances,
      InstanceController operations,
      Bridge bridge,
      Phones phones,
      JsonMapper json) {
    this.instances = instances;
    this.operations = operations;
    this.bridge = bridge;
    this.phones = phones;
    this.json = json;
  }

  @GetMapping("/console/instances")
  String list(@RequestParam(defaultValue = "") String after, Caller caller, Model model) {
    var rows = instances.list(caller, after, ConsoleInstances.PAGE + 1);
    boolean more = rows.size() > ConsoleInstances.PAGE;
    var shown = more ? rows.subList(0, ConsoleInstances.PAGE) : rows;
    model.addAttribute("instances", shown);
    model.addAttribute("next", more ? shown.getLast().instance().instanceId() : null);
    model.addAttribute("bridge", bridge.isKnown());
    model.addAttribute("own", caller.instances().stream().sorted().toList());
    return "console/instances";
  }

  @GetMapping("/console/instances/{id}")
  String instance(@PathVariable String id, Caller caller, Model model) {
    caller.authoriseInstance(Fields.instanceInPath(id));
    var row = instances.find(caller, id);
    if (row.isEmpty()) {
      throw new ProblemException(Problem.NOT_FOUND, "There is no instance of this id.");
    }
    model.addAttribute("row", row.get());
    model.addAttribute("week", WorkingHours.WEEK);
    model.addAttribute("events", instances.events(caller, id, SHOWN_EVENTS));
    addConnection(id, model);
    return "console/instance";
  }

  /** Shows the connection of an instance, with its QR code while there is a code to scan. */
  @GetMapping("/console/instances/{id}/connection")
  String connection(@PathVariable String id, Caller caller, Model model) {
    caller.authoriseInstance(Fields.instanceInPath(id));
    model.addAttribute("id", id);
    addConnection(id, model);
    return "console/instance :: connection";
  }

  /**
   * Returns the QR code. The phone that scans the code decides which number this is, so only users
   * who may act see it. A page that was made before the scan may ask for a code that is no longer
   * there.
   */
  @GetMapping("/console/instances/{id}/qr.png")
  ResponseEntity<byte[]> qr(@PathVariable String id, Caller caller) {
    caller.authoriseInstance(Fields.instanceInPath(id));
    return bridge
        .qr(id)
        .map(png -> ResponseEntity.ok().contentType(MediaType.IMAGE_PNG).body(png))
        .orElseGet(() -> ResponseEntity.noContent().build());
  }

  @PostMapping("/console/instances")
  String add(@RequestParam(defaultValue = "") String id, Caller caller) {
    var instance = id.strip();
    caller.authoriseInstance(Fields.instanceInPath(instance));
    bridge.connect(instance);
    operations.change(instance, json.createObjectNode(), caller);
    return back(instance, "instance_added");
  }

  @PostMapping("/console/instances/{id}/connect")
  String connect(@PathVariable String id, Caller caller) {
    caller.authoriseInstance(Fields.instanceInPath(id));
    bridge.connect(id);
    return back(id, "instance_connecting");
  }

  @PostMapping("/console/instances/{id}/pairing-code")
  String pairingCode(
      @PathVariable String id,
      @RequestParam(defaultValue = "") String phone,
      Caller caller,
      Model model) {
    caller.authoriseInstance(Fields.instanceInPath(id));
    var digits =
        phones
            .parse(phone)
            .map(PhoneNumber::digits)
            .orElseThrow(() ->
                ProblemException.invalid(
                    List.of(new FieldError("phone", "must be a phone number"))));
    model.addAttribute("code", bridge.pairingCode(id, digits));
    model.addAttribute("id", id);
    return "console/instance :: pairing";
  }

  @PostMapping("/console/instances/{id}/pause")
  String pause(@PathVariable String id, Caller caller) {
    return changed(id, json.createObjectNode().put("paused", true), caller, "instance_paused");
  }

  @PostMapping("/console/instances/{id}/resume")
  String resume(@PathVariable String id, Caller caller) {
    return changed(id, json.createObjectNode().put("paused", false), caller, "instance_resumed");
  }

  /** Sets the pace; an empty field stands for the workers' default. */
  @PostMapping("/console/instances/{id}/pace")
  String pace(
      @PathVariable String id, @RequestParam(defaultValue = "") String pace, Caller caller) {
    var change = json.createObjectNode();
    if (pace.isBlank()) {
      change.putNull("pace_per_minute");
    } else {
      Forms.putNumber(change, "pace_per_minute", pace.strip());
    }
    return changed(id, change, caller, "instance_changed");
  }

  /** Sets the quiet hours; empty fields stand for no quiet hours. */
  @PostMapping("/console/instances/{id}/quiet-hours")
  String quietHours(
      @PathVariable String id,
      @RequestParam(defaultValue = "") String from,
      @RequestParam(defaultValue = "") String to,
      @RequestParam(defaultValue = "") String zone,
      Caller caller) {
    var change = json.createObjectNode();
    if (from.isBlank() && to.isBlank()) {
      change.putNull("quiet_hours");
    } else {
      change
          .putObject("quiet_hours")
          .put("from", from.strip())
          .put("to", to.strip())
          .put("zone", zone.strip());
    }
    return changed(id, change, caller, "instance_changed");
  }

  /**
   * Sets the working hours; empty fields stand for the workers' default.
   *
   * @param days on which the hours begin; an empty list for every day
   */
  @PostMapping("/console/instances/{id}/working-hours")
  String workingHours(
      @PathVariable String id,
      @RequestParam(defaultValue = "") List<String> days,
      @RequestParam(defaultValue = "") String from,
      @RequestParam(defaultValue = "") String to,
      @RequestParam(defaultValue = "") String zone,
      Caller caller) {
    var change = json.createObjectNode();
    if (from.isBlank() && to.isBlank()) {
      change.putNull("working_hours");
    } else {
      var hours =
          change
              .putObject("working_hours")
              .put("from", from.strip())
              .put("to", to.strip())
              .put("zone", zone.strip());
      if (!days.isEmpty()) {
        var named = hours.putArray("days");
        days.forEach(named::add);
      }
    }
    return changed(id, change, caller, "instance_changed");
  }

  private String changed(String id, ObjectNode change, Caller caller, String done) {
    operations.change(id, change, caller);
    return back(id, done);
  }

  /**
   * Adds the connection to the page. When the bridge does not answer, the page is shown without
   * this part.
   */
  private void addConnection(String id, Model model) {
    model.addAttribute("bridge", bridge.isKnown());
    if (!bridge.isKnown()) {
      return;
    }
    try {
      model.addAttribute("connection", bridge.connection(id).orElse(null));
    } catch (ProblemException away) {
      model.addAttribute("bridgeProblem", away.getMessage());
    }
  }

  private static String back(String id, String done) {
    return "redirect:/console/instances/" + Forms.encoded(id) + "?done=" + done;
  }
}
