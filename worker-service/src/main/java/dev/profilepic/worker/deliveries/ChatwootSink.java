package dev.profilepic.worker.deliveries;

import dev.profilepic.contract.PhoneNumber;
import dev.profilepic.store.PhotoStore;
import dev.profilepic.worker.exchanges.Deadline;
import dev.profilepic.worker.exchanges.FencedHttp;
import dev.profilepic.worker.exchanges.FencedHttp.Answer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.hc.client5.http.classic.methods.HttpDelete;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPut;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.client5.http.entity.mime.MultipartEntityBuilder;
import org.apache.hc.core5.http.ContentType;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Gives a lead's photo to the Chatwoot contact with the lead's phone. The contact gets the photo
 * that is known now, not the photo of the event, so neither order nor repetition matters. An avatar
 * that we did not set was chosen by a human. It stays unless the endpoint says {@code overwrite}.
 *
 * <p>Calls, as in Chatwoot's application API: {@code GET contacts/search?q=}, {@code GET
 * contacts/{id}}, {@code PUT contacts/{id}} with {@code avatar} as multipart form, {@code DELETE
 * contacts/{id}/avatar}, all below {@code /api/v1/accounts/{account}} with the header {@code
 * api_access_token}.
 */
@Component
final class ChatwootSink implements Sink {

  /** A contact's id and avatar. The avatar is an empty text when the contact has none. */
  private record Contact(String id, String avatar) {

    static Contact of(JsonNode json) {
      return new Contact(json.path("id").asString(), json.path("thumbnail").asString(""));
    }
  }

  /** Ends the delivery after an answer that is no success. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;
    private final transient Answer answer;

    Refused(Answer answer) {
      super("it answered " + answer.status());
      this.answer = answer;
    }
  }

  private static final int NOT_FOUND = 404;

  private final FencedHttp http;

  private final PhotoStore store;
  private final DeliverySql sql;
  private final JsonMapper json;

  ChatwootSink(FencedHttp http, DeliverySql sql, PhotoStore store, JsonMapper json) {
    this.http = http;
    this.store = store;
    this.sql = sql;
    this.json = json;
  }

  @Override
  public Ending deliver(Delivery delivery, Deadline deadline) throws IOException {
    if (delivery.leadId() == null) {
      return new Ending.Skipped("it is about no lead");
    }
    var account = new Account(delivery, deadline);
    try {
      var photo = sql.photo(delivery.leadId());
      return photo.isPresent() ? account.show(photo.get()) : account.remove();
    } catch (Refused refused) {
      return Ending.Failed.of(refused.answer);
    } catch (JacksonException strange) {
      return Ending.Failed.of("it answered something that we do not understand");
    }
  }

  private byte[] bytes(DeliverySql.Photo photo) throws IOException {
    return photo.bytes() != null ? photo.bytes() : store.bucket().read(photo.storageKey());
  }

  /** The calls for one delivery. */
  private final class Account {

    private final Delivery delivery;
    private final String lead;
    private final Deadline deadline;
    private final String contacts;

    Account(Delivery delivery, Deadline deadline) {
      this.delivery = delivery;
      this.lead = String.valueOf(delivery.leadId());
      this.deadline = deadline;
      this.contacts =
          delivery.url().replaceFirst("/+$", "")
              + "/api/v1/accounts/"
              + delivery.settings().path("account_id").asInt()
              + "/contacts";
    }

    Ending show(DeliverySql.Photo photo) throws IOException {
      var ours = sql.contact(delivery.endpointId(), lead);
      var contact = ours.isPresent() ? contact(ours.get().id()) : Optional.<Contact>empty();
      if (contact.isEmpty()) {
        contact = withPhone(photo.phone());
      }
      if (contact.isEmpty()) {
        return new Ending.Skipped("no contact has the lead's phone");
      }
      var found = contact.get();
      boolean overwrite = delivery.settings().path("overwrite").asBoolean(false);
      if (!overwrite && !found.avatar().isEmpty() && !isOurs(found, ours)) {
        return new Ending.Skipped("the contact has an avatar of its own");
      }
      var request = new HttpPut(contacts + "/" + found.id());
      request.setEntity(
          MultipartEntityBuilder.create()
              .addBinaryBody(
                  "avatar",
                  bytes(photo),
                  ContentType.parse(photo.contentType()),
                  "avatar." + photo.contentType().replace("image/", ""))
              .build());
      var answer = success(call(request));
      var shown = Contact.of(payload(answer));
      sql.keepContact(delivery.endpointId(), lead, found.id(), shown.avatar());
      return new Ending.Delivered(answer.status());
    }

    Ending remove() throws IOException {
      var ours = sql.contact(delivery.endpointId(), lead);
      if (ours.isEmpty()) {
        return new Ending.Skipped("no contact has a photo of ours");
      }
      var contact = contact(ours.get().id());
      Ending ending = new Ending.Skipped("the contact has an avatar of its own, or none");
      if (contact.isPresent() && isOurs(contact.get(), ours)) {
        var answer = call(new HttpDelete(contacts + "/" + ours.get().id() + "/avatar"));
        if (answer.status() != NOT_FOUND) {
          success(answer);
        }
        ending = new Ending.Delivered(answer.status());
      }
      sql.keepContact(delivery.endpointId(), lead, ours.get().id(), null);
      return ending;
    }

    private static boolean isOurs(Contact contact, Optional<DeliverySql.KeptContact> ours) {
      return ours.filter(
              kept -> kept.id().equals(contact.id()) && kept.avatar().equals(contact.avatar()))
          .isPresent();
    }

    /** Returns the contact; empty when it does not exist any more. */
    private Optional<Contact> contact(String id) throws IOException {
      var answer = call(new HttpGet(contacts + "/" + id));
      return answer.status() == NOT_FOUND
          ? Optional.empty()
          : Optional.of(Contact.of(payload(success(answer))));
    }

    /** Searches the contact by the digits that all spellings of the phone share. */
    private Optional<Contact> withPhone(String digits) throws IOException {
      var phone = international(digits);
      if (phone.isEmpty()) {
        return Optional.empty();
      }
      var suffix = URLEncoder.encode(phone.get().suffix(), StandardCharsets.UTF_8);
      var answer = success(call(new HttpGet(contacts + "/search?q=" + suffix)));
      return payload(answer)
          .valueStream()
          .filter(each ->
              international(each.path("phone_number").asString(""))
                  .filter(phone.get()::isSameAs)
                  .isPresent())
          .map(Contact::of)
          .findFirst();
    }

    private Answer call(HttpUriRequestBase request) throws IOException {
      request.setHeader("api_access_token", delivery.secret());
      return http.exchange(request, true, deadline);
    }

    private static Answer success(Answer answer) throws Refused {
      if (answer.status() / 100 != 2) {
        throw new Refused(answer);
      }
      return answer;
    }

    private JsonNode payload(Answer answer) {
      return json.readTree(answer.body()).path("payload");
    }

    private static Optional<PhoneNumber> international(String phone) {
      return PhoneNumber.parse("+" + phone.replaceAll("[^0-9]", ""), "BR");
    }
  }
}
