package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import java.util.List;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;

/** The first page: whether anything is wrong. */
@Controller
class OverviewController {

  private static final int FACES = 12;
  private static final int INSTANCES = 12;

  private final OverviewData data;
  private final ConsoleInstances instances;
  private final ConsoleLeads leads;
  private final Figures figures;

  OverviewController(
      OverviewData data, ConsoleInstances instances, ConsoleLeads leads, Figures figures) {
    this.data = data;
    this.instances = instances;
    this.leads = leads;
    this.figures = figures;
  }

  @GetMapping("/")
  String page(Caller caller, Model model) {
    addLive(caller, model);
    return "console/overview";
  }

  /** Shows the same content, for a page that is already open. */
  @GetMapping("/console/overview/live")
  String live(Caller caller, Model model) {
    addLive(caller, model);
    return "console/overview :: live";
  }

  @GetMapping("/console/overview/charts")
  @ResponseBody
  Figures.Charts charts(@RequestParam(defaultValue = "hour") String range, Caller caller) {
    return figures.charts(caller, range.equals("day") ? Figures.Range.DAY : Figures.Range.HOUR);
  }

  private void addLive(Caller caller, Model model) {
    var troubles = data.troubles(caller);
    model.addAttribute("queue", data.queue(caller));
    model.addAttribute("troubles", troubles.stream().map(Trouble::asText).toList());
    model.addAttribute("verdict", verdict(troubles));
    model.addAttribute("instances", instances.list(caller, "", INSTANCES));
    model.addAttribute("faces", leads.latest(caller, "STORED", null, FACES).leads());
  }

  private static String verdict(List<Trouble> troubles) {
    if (troubles.isEmpty()) {
      return "well";
    }
    return troubles.stream().allMatch(Trouble::isIntended) ? "paused" : "trouble";
  }
}
