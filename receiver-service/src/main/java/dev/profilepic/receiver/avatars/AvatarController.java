package dev.profilepic.receiver.avatars;

import dev.profilepic.contract.AvatarLink;
import dev.profilepic.contract.AvatarLink.Presented;
import dev.profilepic.receiver.http.FieldError;
import dev.profilepic.receiver.http.Problem;
import dev.profilepic.receiver.http.ProblemException;
import dev.profilepic.store.PhotoBucket;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.ServletWebRequest;

/**
 * {@code GET /avatars/{lead_id}?v&k&g&e&sig&size}: the photo behind a signed link, or its
 * thumbnail. A wrong signature, a revoked link and a missing photo get the same answer, so that the
 * answer does not reveal which leads exist. The size is not signed, because it is no secret.
 */
@RestController
class AvatarController {

  private static final MediaType SVG = MediaType.parseMediaType("image/svg+xml");

  private final AvatarStore store;
  private final PhotoSender sender;
  private final Thumbnails thumbnails;
  private final AvatarLink links;

  AvatarController(
      AvatarStore store,
      PhotoSender sender,
      Thumbnails thumbnails,
      Avatars avatars,
      InstantSource clock) {
    this.store = store;
    this.sender = sender;
    this.thumbnails = thumbnails;
    this.links = avatars.links(clock);
  }

  @GetMapping("/avatars/{leadId}")
  @Nullable ResponseEntity<byte[]> avatar(
      @PathVariable String leadId,
      @RequestParam(required = false) @Nullable String v,
      @RequestParam(defaultValue = "") String sig,
      @RequestParam(required = false) @Nullable String k,
      @RequestParam(required = false) @Nullable String g,
      @RequestParam(required = false) @Nullable String e,
      @RequestParam(defaultValue = "") String fallback,
      @RequestParam(required = false) @Nullable String size,
      ServletWebRequest request)
      throws IOException {
    int pixels = pixels(size);
    var generation = links.generationOf(leadId, new Presented(sig, k, g, e));
    if (generation.isEmpty()) {
      throw notFound();
    }
    var known = store.find(leadId);
    if (known.generation() != generation.getAsInt()) {
      throw notFound(); // revoked
    }
    var kept = known.photo();
    if (kept == null) {
      if (fallback.equals("initials")) {
        return answer(SVG, CacheControl.maxAge(Duration.ofMinutes(5)).cachePrivate())
            .body(Initials.svg(leadId, store.nameOf(leadId)));
      }
      throw notFound();
    }
    if (request.checkNotModified("\"" + kept.sha256() + (pixels == 0 ? "" : "-" + pixels) + "\"")) {
      return null; // 304 is already written, and the bytes were never read
    }
    var response = Objects.requireNonNull(request.getResponse());
    var thumbnail = pixels == 0 ? Optional.<byte[]>empty() : thumbnails.of(kept, pixels);
    var type =
        thumbnail.isPresent() ? MediaType.IMAGE_JPEG : MediaType.parseMediaType(kept.contentType());
    answer(type, caching(v, kept.sha256()))
        .build()
        .getHeaders()
        .forEach((name, values) -> response.setHeader(name, values.getFirst()));
    if (thumbnail.isPresent()) {
      sender.send(thumbnail.get(), request.getRequest(), response);
    } else {
      sender.send(kept, request.getRequest(), response);
    }
    return null; // already written, in pieces
  }

  /** Returns the size in pixels; zero means the photo itself. */
  private static int pixels(@Nullable String size) {
    return size == null
        ? 0
        : PhotoBucket.THUMBNAILS.stream()
            .filter(known -> known.toString().equals(size))
            .findFirst()
            .orElseThrow(() ->
                new ProblemException(
                    Problem.INVALID,
                    "Ask for one of the sizes that there are.",
                    List.of(new FieldError("size", "must be 96 or 192")),
                    null));
  }

  /**
   * Returns the caching of an answer. A link with the photo's version always shows this photo; any
   * other link must be checked again.
   */
  private static CacheControl caching(@Nullable String version, String sha256) {
    return version != null && version.length() >= 12 && sha256.startsWith(version)
        ? CacheControl.maxAge(Duration.ofDays(365)).cachePrivate().immutable()
        : CacheControl.noCache().cachePrivate();
  }

  private static ResponseEntity.BodyBuilder answer(MediaType type, CacheControl caching) {
    return ResponseEntity.ok()
        .contentType(type)
        .cacheControl(caching)
        // The bytes come from strangers: browsers must treat them as an image, never a document or
        // script.
        .header("Content-Security-Policy", "default-src 'none'; sandbox")
        .header("Cross-Origin-Resource-Policy", "cross-origin");
  }

  static ProblemException notFound() {
    return new ProblemException(Problem.NOT_FOUND, "There is no photo under this link.");
  }
}
