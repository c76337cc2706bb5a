package dev.profilepic.receiver.http;

import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a stream of JSON and keeps only the values that a reader of webhooks may ask for. Of all
 * other fields it keeps a limited number of names, with {@link #SOMETHING} in place of the value,
 * so that the kind of body can still be recognised. Text that no reader asks for is never
 * assembled, so it needs no memory, at any length.
 */
final class Gleaner {

  /** Stands in place of text that is not kept. */
  static final String SOMETHING = "…";

  /** The form field that holds the JSON (wuzapi). */
  static final String FORM_FIELD = "jsonData";

  private static final String VERIFY_TOKEN = "webhookVerifyToken";
  private static final int LONGEST_KEPT = 4_096;
  private static final int DEEPEST = 40;
  private static final int NODE = 48;
  private static final int LARGE = 64 * 1024;
  private static final int MOST_NAMES = 300;

  private static final Set<String> KEPT =
      Set.of(
          // envelopes
          "event",
          "EventType",
          "type",
          "data",
          "payload",
          "message",
          "messages",
          "contacts",
          "chat",
          "session",
          "instance",
          "instanceName",
          "instanceId",
          "instance_id",
          "account",
          "BaseUrl",
          "_data",
          "key",
          "Info",
          "contact",
          "sender",
          "me",
          "_serialized",
          "id",
          // persons
          "remoteJid",
          "remoteJidAlt",
          "jid",
          "JID",
          "from",
          "chatId",
          "chatid",
          "chatlid",
          "chatLid",
          "Chat",
          "Sender",
          "SenderAlt",
          "RecipientAlt",
          "senderPn",
          "sender_pn",
          "senderLid",
          "sender_lid",
          "previousRemoteJid",
          "participantPn",
          "participantAlt",
          "lid",
          "pn",
          "phoneNumber",
          "phone_number",
          "phone",
          "number",
          "wa_chatid",
          "wa_chatlid",
          "identifier",
          "leadId",
          "lead_id",
          "participant",
          // kinds of conversations
          "fromMe",
          "from_me",
          "IsFromMe",
          "isGroup",
          "IsGroup",
          "isGroupMsg",
          "isNewsletter",
          "isStatusReply",
          "broadcast",
          "wa_isGroup",
          "isMe",
          // times
          "messageTimestamp",
          "timestamp",
          "Timestamp",
          "momment",
          "t",
          "low",
          // pictures
          "profilePicUrl",
          "profile_pic_url",
          "profilePictureUrl",
          "profilePictureURL",
          "imgUrl",
          "picture",
          "picture_id",
          "profilePicThumbObj",
          "eurl",
          "imgFull",
          "img",
          "photo",
          "senderPhoto",
          "image",
          "imagePreview",
          "Remove",
          // connections of numbers
          "state",
          "reason",
          "until");

  /** The presence of these fields tells senders apart. Their values are not kept. */
  private static final Set<String> TELLING =
      Set.of(
          "apikey",
          "server_url",
          "date_time",
          "destination",
          "instanceToken",
          "token",
          "userID",
          "owner",
          "engine",
          "environment",
          "connectedPhone",
          "messageId",
          "pushname",
          "pushName");

  private final long most;
  private final Consumer<Gleaner> whenLarge;
  private final JsonNodeFactory nodes = JsonNodeFactory.instance;
  private long kept;
  private int namesLeft = MOST_NAMES;
  private boolean large;
  private @Nullable String verifyToken;

  /**
   * @param most that may be kept, roughly in bytes
   * @param whenLarge is called once, before a large amount is kept
   */
  Gleaner(long most, Consumer<Gleaner> whenLarge) {
    this.most = most;
    this.whenLarge = whenLarge;
  }

  /**
   * Reads one value to its end.
   *
   * @return null when there is no value
   */
  @Nullable JsonNode glean(JsonParser parser) {
    return parser.nextToken() == null ? null : value(parser, true, 0);
  }

  @Nullable String verifyToken() {
    return verifyToken;
  }

  private @Nullable JsonNode value(JsonParser parser, boolean wanted, int depth) {
    var token = parser.currentToken();
    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
      if (depth > DEEPEST || !(wanted || namesLeft > 0)) {
        parser.skipChildren();
        return null;
      }
      return token == JsonToken.START_OBJECT ? object(parser, depth) : array(parser, wanted, depth);
    }
    if (!wanted && namesLeft <= 0) {
      return null;
    }
    if (!wanted) {
      namesLeft--;
    }
    account(NODE);
    return switch (token) {
      case VALUE_STRING -> nodes.stringNode(wanted ? text(parser) : SOMETHING);
      case VALUE_NUMBER_INT -> wanted ? integer(parser) : nodes.numberNode(0);
      case VALUE_NUMBER_FLOAT -> nodes.numberNode(0);
      case VALUE_TRUE -> nodes.booleanNode(true);
      case VALUE_FALSE -> nodes.booleanNode(false);
      default -> nodes.nullNode();
    };
  }

  private ObjectNode object(JsonParser parser, int depth) {
    var object = nodes.objectNode();
    account(NODE);
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      var name = parser.currentName();
      var token = parser.nextToken();
      if (depth == 0 && name.equals(VERIFY_TOKEN)) {
        verifyToken = token == JsonToken.VALUE_STRING ? text(parser) : null;
        object.put(name, SOMETHING);
        continue;
      }
      var value = value(parser, KEPT.contains(name), depth + 1);
      if (value == null && TELLING.contains(name)) {
        value = nodes.stringNode(SOMETHING);
      }
      if (value != null) {
        account(name.length());
        object.set(name, value);
      }
    }
    return object;
  }

  private JsonNode array(JsonParser parser, boolean wanted, int depth) {
    var array = nodes.arrayNode();
    account(NODE);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      var value = value(parser, wanted, depth + 1);
      if (value != null) {
        array.add(value);
      }
    }
    return array;
  }

  private String text(JsonParser parser) {
    if (parser.getStringLength() > LONGEST_KEPT) {
      return SOMETHING;
    }
    var text = parser.getString();
    account(text.length());
    return text;
  }

  private JsonNode integer(JsonParser parser) {
    return switch (parser.getNumberType()) {
      case INT, LONG -> nodes.numberNode(parser.getLongValue());
      // This number is longer than any number that we read.
      default -> nodes.numberNode(0);
    };
  }

  private void account(int more) {
    kept += more;
    if (kept > most) {
      throw new ProblemException(
          Problem.TOO_LARGE,
          "Media left out, at most "
              + most / 1024
              + " KiB are taken. Who sends a key in a header may send more.");
    }
    if (kept > LARGE && !large) {
      large = true;
      whenLarge.accept(this);
    }
  }
}
