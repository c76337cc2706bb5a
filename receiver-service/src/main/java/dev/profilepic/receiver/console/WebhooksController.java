package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.database.OperatorDatabase;
import dev.profilepic.receiver.endpoints.EndpointController;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.webhooks.WebhookController;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** Webhooks: received events, unreadable bodies, and deliveries to endpoints. */
@Controller
class WebhooksController {

  private static final int PAGE = 50;
  private static final int ENDPOINTS = 100;

  private final WebhookController incoming;
  private final EndpointController outgoing;
  private final Figures figures;
  private final JdbcClient jdbc;

  WebhooksController(
      WebhookController incoming,
      EndpointController outgoing,
      Figures figures,
      OperatorDatabase database) {
    this.incoming = incoming;
    this.outgoing = outgoing;
    this.figures = figures;
    this.jdbc = database.jdbc();
  }

  @GetMapping("/console/webhooks")
  String page(Caller caller, Model model) {
    if (!caller.isBound()) {
      model.addAttribute("incoming", figures.events(caller));
    }
    model.addAttribute("unrecognised", incoming.unrecognised(caller).items());
    model.addAttribute("endpoints", outgoing.list(ENDPOINTS, Long.MAX_VALUE, caller).items());
    return "console/webhooks";
  }

  @GetMapping("/console/webhooks/{id}")
  String deliveries(
      @PathVariable long id,
      @RequestParam(defaultValue = "" + Long.MAX_VALUE) long before,
      Caller caller,
      Model model) {
    var page = outgoing.deliveries(id, PAGE, before, caller);
    model.addAttribute("endpoint", outgoing.get(id, caller).endpoint());
    model.addAttribute("deliveries", page.items());
    model.addAttribute("next", page.next());
    return "console/deliveries";
  }

  @PostMapping("/console/webhooks/{id}/deliveries/{delivery}/replay")
  String replay(@PathVariable long id, @PathVariable long delivery, Caller caller) {
    boolean found =
        jdbc.sql("SELECT profile_pic.redeliver(?::text[], ?, ?, ?)")
            .param(caller.reach())
            .param(caller.getPrincipal())
            .param(id)
            .param(delivery)
            .query(Boolean.class)
            .single();
    if (!found) {
      throw new ProblemException(Problem.NOT_FOUND, "There is no such delivery.");
    }
    return "redirect:/console/webhooks/" + id + "?done=delivery_replayed";
  }
}
