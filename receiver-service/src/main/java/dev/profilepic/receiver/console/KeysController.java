package dev.profilepic.receiver.console;

import dev.profilepic.receiver.auth.Caller;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.receiver.keys.ApiKeys;
import dev.profilepic.receiver.keys.ApiKeys.Wanted;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The API keys. They concern all instances, so only a viewer who is bound to no instance sees them.
 */
@Controller
class KeysController {

  private final ApiKeys keys;

  KeysController(ApiKeys keys) {
    this.keys = keys;
  }

  @GetMapping("/console/keys")
  String list(Caller caller, Model model) {
    unbound(caller);
    model.addAttribute("keys", keys.list(caller));
    model.addAttribute("scopes", scopes(caller));
    return "console/keys";
  }

  /** Creates a key, which is shown in this answer only. */
  @PostMapping("/console/keys")
  String create(
      @RequestParam(defaultValue = "") String name,
      @RequestParam(name = "scope", required = false) @Nullable List<String> wanted,
      @RequestParam(defaultValue = "") String instances,
      @RequestParam(defaultValue = "") String days,
      Caller caller,
      Model model) {
    unbound(caller);
    var scopes = wanted == null ? List.<String>of() : wanted;
    if (!scopes(caller).containsAll(scopes)) {
      throw new ProblemException(
          Problem.FORBIDDEN, "A key cannot be given a scope that yours has not.");
    }
    var request = Wanted.read(name, scopes, instances, days);
    model.addAttribute(
        "made",
        keys.create(caller, request)
            .orElseThrow(() ->
                ProblemException.invalid(
                    List.of(new FieldError("name", "is another key's already: choose another")))));
    model.addAttribute("madeName", request.name());
    return list(caller, model);
  }

  @PostMapping("/console/keys/{id}/revoke")
  String revoke(@PathVariable long id, Caller caller) {
    unbound(caller);
    if (!keys.revoke(caller, id)) {
      throw new ProblemException(Problem.NOT_FOUND, "There is no such key, or it is revoked.");
    }
    return "redirect:/console/keys?done=key_revoked";
  }

  private static List<String> scopes(Caller caller) {
    return caller.getAuthorities().stream()
        .map(GrantedAuthority::getAuthority)
        .filter(Objects::nonNull)
        .sorted()
        .toList();
  }

  private static void unbound(Caller caller) {
    if (caller.isBound()) {
      throw new ProblemException(Problem.FORBIDDEN, "Use a key that is bound to no instance.");
    }
  }
}
