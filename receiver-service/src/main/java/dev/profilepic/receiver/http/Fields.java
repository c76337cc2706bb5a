package dev.profilepic.receiver.http;

import dev.profilepic.contract.InstanceId;
import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.contract.Phones;
import dev.profilepic.contract.PictureUrlPolicy;
import dev.profilepic.contract.ProfilePicMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads the fields of one JSON object and collects all their errors, so that a caller sees them all
 * at once. Reading goes on after an error; {@link #check} throws.
 */
public final class Fields {

  private static final String NOT_PLAIN = "must be text without control characters";

  private final JsonNode object;
  private final String prefix;
  private final List<FieldError> errors;

  private Fields(JsonNode object, String prefix, List<FieldError> errors) {
    this.object = object;
    this.prefix = prefix;
    this.errors = errors;
  }

  /**
   * @throws ProblemException when the body is no JSON object
   */
  public static Fields of(@Nullable JsonNode body) {
    if (body == null || !body.isObject()) {
      throw new ProblemException(Problem.INVALID, "The body must be a JSON object.");
    }
    return new Fields(body, "", new ArrayList<>());
  }

  /** Returns the fields of a list's element. Errors are collected in the same place. */
  public Fields element(String list, int index, JsonNode element) {
    var path = list + "[" + index + "]";
    if (!element.isObject()) {
      errors.add(new FieldError(path, "must be an object"));
    }
    return new Fields(element, path + ".", errors);
  }

  /** Returns the fields of an object inside this object. Errors are collected in the same place. */
  public Fields nested(String name) {
    var nested = object.path(name);
    if (!nested.isObject()) {
      reject(name, "must be an object");
    }
    return new Fields(nested, prefix + name + ".", errors);
  }

  /**
   * Returns an id: text or a whole number, without control characters. After an error it returns
   * empty text.
   */
  public String requiredId(String name) {
    var text = id(name);
    if (text == null) {
      reject(name, "is required: text of 1 to " + ProfilePicMessage.LONGEST_ID + " characters");
      return "";
    }
    return text;
  }

  public @Nullable String optionalId(String name) {
    var node = object.path(name);
    var text = id(name);
    if (text == null && !isAbsent(node)) {
      reject(name, "must be text of 1 to " + ProfilePicMessage.LONGEST_ID + " characters, or null");
    }
    return text;
  }

  /** Returns the id of an instance; {@code unknown} means no instance. */
  public @Nullable String optionalInstance(String name) {
    var node = object.path(name);
    if (isAbsent(node) || (node.isString() && InstanceId.isUnknown(node.asString().strip()))) {
      return null;
    }
    var text = node.isString() ? node.asString().strip() : "";
    if (!InstanceId.isValid(text)) {
      reject(name, InstanceId.RULE);
      return null;
    }
    return text;
  }

  /**
   * Checks the id of an instance in a path.
   *
   * @throws ProblemException 400 when it is not a valid id
   */
  public static String instanceInPath(String id) {
    if (!InstanceId.isValid(id)) {
      throw ProblemException.invalid(List.of(new FieldError("instance", InstanceId.RULE)));
    }
    return id;
  }

  /** Returns a phone, reduced to digits. */
  public Optional<PhoneNumber> requiredPhone(String name, Phones phones) {
    var node = object.path(name);
    var parsed =
        node.isString() || node.isIntegralNumber()
            ? phones.parse(node.asString())
            : Optional.<PhoneNumber>empty();
    if (parsed.isEmpty()) {
      reject(name, "is required: a phone number with country code, for example +55 62 99921-2484");
    }
    return parsed;
  }

  /**
   * Returns a picture url. A url that is not allowed is refused here, and not only in the worker.
   */
  public @Nullable String optionalUrl(String name, PictureUrlPolicy policy) {
    var node = object.path(name);
    if (isAbsent(node) || (node.isString() && node.asString().isBlank())) {
      return null;
    }
    if (!node.isString()) {
      reject(name, "must be a url or null");
      return null;
    }
    if (!isPlain(node.asString())) {
      reject(name, NOT_PLAIN);
      return null;
    }
    return switch (policy.check(node.asString().strip())) {
      case PictureUrlPolicy.Verdict.Allowed allowed -> allowed.url().toString();
      case PictureUrlPolicy.Verdict.Refused refused -> {
        reject(name, refused.why());
        yield null;
      }
    };
  }

  public boolean optionalFlag(String name) {
    var node = object.path(name);
    if (!isAbsent(node) && !node.isBoolean()) {
      reject(name, "must be true or false");
    }
    return node.isBoolean() && node.asBoolean();
  }

  public @Nullable Integer optionalInteger(String name, int least, int most) {
    var node = object.path(name);
    if (isAbsent(node)) {
      return null;
    }
    if (!node.isIntegralNumber()
        || !node.canConvertToInt()
        || node.asInt() < least
        || node.asInt() > most) {
      reject(name, "must be a whole number from " + least + " to " + most);
      return null;
    }
    return node.asInt();
  }

  /** Returns whether the field was present, null included. */
  public boolean has(String name) {
    return object.has(name);
  }

  /**
   * Returns a field as it came. A field with text that Postgres does not accept is rejected; of a
   * list of objects the caller reads the objects' own fields.
   */
  public JsonNode raw(String name) {
    var node = object.path(name);
    if (!isPlain(node) && errors.stream().noneMatch(error -> error.field().equals(prefix + name))) {
      reject(name, NOT_PLAIN);
    }
    return node;
  }

  /**
   * @param message the field's rule
   */
  public void reject(String name, String message) {
    var field = prefix + name;
    // The field's own rule says more, also about a field within an object.
    errors.removeIf(error ->
        error.message().equals(NOT_PLAIN) && (field + ".").startsWith(error.field() + "."));
    errors.add(new FieldError(field, message));
  }

  /**
   * @throws ProblemException naming every wrong field
   */
  public void check() {
    if (!errors.isEmpty()) {
      throw ProblemException.invalid(errors);
    }
  }

  private @Nullable String id(String name) {
    var node = object.path(name);
    if (!node.isString() && !node.isIntegralNumber()) {
      return null;
    }
    var text = node.asString().strip();
    return text.isEmpty() || text.length() > ProfilePicMessage.LONGEST_ID || !isPlain(text)
        ? null
        : text;
  }

  /**
   * Postgres accepts neither NUL nor half a surrogate pair. Other control characters can forge log
   * lines.
   */
  public static boolean isPlain(String text) {
    return text.codePoints()
        .noneMatch(point ->
            Character.isISOControl(point) || Character.getType(point) == Character.SURROGATE);
  }

  private static boolean isPlain(JsonNode node) {
    if (node.isObject()) {
      return node.valueStream().allMatch(Fields::isPlain);
    }
    return node.isArray()
        ? node.valueStream().allMatch(each -> !each.isString() || isPlain(each.asString()))
        : !node.isString() || isPlain(node.asString());
  }

  private static boolean isAbsent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }
}
