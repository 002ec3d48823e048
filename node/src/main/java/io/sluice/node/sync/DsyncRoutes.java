package io.sluice.node.sync;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.sluice.fsm.CrashPoint;
import io.sluice.node.sync.SyncRefusal.RefusalKind;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.InfoCbor;
import io.sluice.protocol.dsync.InfoJson;
import io.sluice.protocol.ipld.Block;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * dsync over HTTP: five methods of one path. What failed is told in plain text, with the status
 * that clients of that method expect; beside these, 402 says that something is for sale, 413 that
 * it is too much.
 *
 * <p>Spec: dsync 0.2.0, HTTP wire.
 */
final class DsyncRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(DsyncRoutes.class);
  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String METHODS = "POST, PUT, GET, PATCH, DELETE";
  private static final int CHUNK = 16 << 10;

  private final SyncService service;
  private final BodyBudget budget;

  DsyncRoutes(SyncService service) {
    this.service = service;
    this.budget = new BodyBudget(service.limits().bodyBytes());
  }

  /** What a method does, until it has answered. */
  @FunctionalInterface
  private interface Exchange {
    void run(ServerRequest request, ServerResponse response, SyncCaller caller)
        throws SyncRefusal, IOException;
  }

  void handle(ServerRequest request, ServerResponse response) {
    response.header(HeaderNames.create(DsyncNames.VERSION_HEADER), DsyncNames.PROTOCOL);
    switch (request.prologue().method().text()) {
      case "POST" -> answer(request, response, 400, this::begin);
      case "PUT" -> {
        boolean car = mediaType(request).equals(DsyncNames.CAR);
        answer(request, response, car ? 400 : 500, car ? this::receiveAll : this::receiveOne);
      }
      case "GET" -> {
        if (!asks(request, DsyncNames.MANIFEST) && !asks(request, DsyncNames.BLOCK)) {
          text(response, 400, DsyncNames.NOTHING_ASKED_FOR);
        } else {
          answer(request, response, 500, this::get);
        }
      }
      case "PATCH" -> answer(request, response, 400, this::stream);
      case "DELETE" -> answer(request, response, 500, this::remove);
      default ->
          text(response.header(HeaderNames.ALLOW, METHODS), 405, "this method is not supported");
    }
  }

  /**
   * @param refused status of what is refused for no other reason
   */
  private void answer(
      ServerRequest request, ServerResponse response, int refused, Exchange exchange) {
    try {
      exchange.run(request, response, service.home().caller(token(request)));
      CrashPoint.DSYNC_ANSWERED.reached();
    } catch (SyncRefusal e) {
      service.refused(e.kind());
      text(response, status(e.kind(), refused), e.reason());
    } catch (ProtocolException e) {
      SyncRefusal refusal = SyncService.refusal(e);
      service.refused(refusal.kind());
      text(response, status(refusal.kind(), refused), refusal.reason());
    } catch (IOException | UncheckedIOException e) {
      if (response.isSent()) {
        throw e instanceof UncheckedIOException unchecked
            ? unchecked
            : new UncheckedIOException((IOException) e);
      }
      service.refused(RefusalKind.RETRY);
      LOG.debug("{} failed", request.prologue().method(), e);
      text(response, refused == 500 ? 400 : refused, "it failed here: " + e.getMessage());
    }
  }

  private static int status(RefusalKind kind, int refused) {
    return switch (kind) {
      case REFUSED -> refused;
      case PRICED -> 402;
      case TOO_LARGE -> 413;
      case RETRY -> 400;
    };
  }

  private static void text(ServerResponse response, int status, String text) {
    response
        .status(Status.create(status))
        .header(HeaderNames.CONTENT_TYPE, TEXT)
        .send(text.getBytes(StandardCharsets.UTF_8));
  }

  // ---- the methods

  private void begin(ServerRequest request, ServerResponse response, SyncCaller caller)
      throws SyncRefusal, IOException {
    service.requirePush(caller);
    Info info = info(request);
    boolean pin = parameter(request, DsyncNames.PIN).equals("true");
    SyncService.Begun begun = service.begin(caller, info, pin, meta(request, DsyncNames.PIN));
    byte[] diff = InfoJson.encode(begun.missing());
    byte[] line = Arrays.copyOf(diff, diff.length + 1);
    line[diff.length] = '\n';
    response
        .header(HeaderNames.create(DsyncNames.SID), begun.sid())
        .header(HeaderNames.CONTENT_TYPE, DsyncNames.JSON)
        .send(line);
  }

  private void receiveAll(ServerRequest request, ServerResponse response, SyncCaller caller)
      throws SyncRefusal, IOException {
    String sid = parameter(request, DsyncNames.SID);
    service.requireSession(caller, sid);
    service.receive(caller, sid, Channels.newChannel(body(request)));
    response.send();
  }

  private void receiveOne(ServerRequest request, ServerResponse response, SyncCaller caller)
      throws SyncRefusal, IOException {
    String sid = parameter(request, DsyncNames.SID);
    service.requireSession(caller, sid);
    try (BodyBudget.Share share = budget.share()) {
      byte[] data = read(request, service.limits().blockBytes(), share);
      service.receive(caller, sid, parameter(request, DsyncNames.HASH), ByteBuffer.wrap(data));
    }
    response.send();
  }

  private void get(ServerRequest request, ServerResponse response, SyncCaller caller)
      throws SyncRefusal, IOException {
    if (asks(request, DsyncNames.MANIFEST)) {
      Info info =
          service
              .reads()
              .info(
                  caller,
                  parameter(request, DsyncNames.MANIFEST),
                  meta(request, DsyncNames.MANIFEST));
      response.header(HeaderNames.CONTENT_TYPE, DsyncNames.JSON).send(InfoJson.encode(info));
    } else {
      Block block = service.reads().block(caller, parameter(request, DsyncNames.BLOCK));
      byte[] data = new byte[block.size()];
      block.data().get(data);
      response.header(HeaderNames.CONTENT_TYPE, DsyncNames.BYTES).send(data);
    }
  }

  private void stream(ServerRequest request, ServerResponse response, SyncCaller caller)
      throws SyncRefusal, IOException {
    SyncReads.BlockStream blocks = service.reads().blocks(caller, info(request), meta(request, ""));
    response.header(HeaderNames.CONTENT_TYPE, DsyncNames.CAR);
    OutputStream out = response.outputStream();
    try {
      blocks.writeTo(Channels.newChannel(out));
    } catch (IOException | UncheckedIOException e) {
      // Without the last chunk nobody can take what was written for the whole.
      throw new CloseConnectionException("blocks could not be sent to the end", e);
    }
  }

  private void remove(ServerRequest request, ServerResponse response, SyncCaller caller)
      throws SyncRefusal, IOException {
    service.remove(caller, parameter(request, DsyncNames.CID), meta(request, DsyncNames.CID));
    response.send();
  }

  // ---- what a request says

  private Info info(ServerRequest request) throws SyncRefusal, IOException {
    try (BodyBudget.Share share = budget.share()) {
      byte[] body = read(request, service.limits().manifest().bytes(), share);
      return mediaType(request).equals(DsyncNames.CBOR)
          ? InfoCbor.decode(body, service.limits().manifest())
          : InfoJson.decode(body, service.limits().manifest());
    }
  }

  private static byte[] read(ServerRequest request, int limit, BodyBudget.Share share)
      throws SyncRefusal, IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    InputStream in = body(request);
    byte[] chunk = new byte[CHUNK];
    for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
      if (body.size() + count > limit) {
        throw new SyncRefusal(
            RefusalKind.TOO_LARGE, "a body of more than %d bytes".formatted(limit));
      }
      share.take(count);
      body.write(chunk, 0, count);
    }
    return body.toByteArray();
  }

  private static InputStream body(ServerRequest request) {
    return request.content().hasEntity()
        ? request.content().inputStream()
        : InputStream.nullInputStream();
  }

  private static String mediaType(ServerRequest request) {
    String type = request.headers().value(HeaderNames.CONTENT_TYPE).orElse("");
    int parameters = type.indexOf(';');
    return (parameters < 0 ? type : type.substring(0, parameters)).strip().toLowerCase(Locale.ROOT);
  }

  private static boolean asks(ServerRequest request, String name) {
    return !parameter(request, name).isEmpty();
  }

  private static String parameter(ServerRequest request, String name) {
    return request.query().first(name).orElse("");
  }

  /** All that the method itself has no use for. */
  private static Map<String, String> meta(ServerRequest request, String own) {
    Map<String, String> meta = new TreeMap<>();
    for (String name : request.query().names()) {
      if (!name.equals(own)) {
        meta.put(name, parameter(request, name));
      }
    }
    return meta;
  }

  /**
   * A bearer token; or the password of a URL, which is how programs bring one that know of no
   * tokens.
   */
  private static Optional<String> token(ServerRequest request) {
    String header = request.headers().value(HeaderNames.AUTHORIZATION).orElse("");
    int space = header.indexOf(' ');
    if (space < 0) {
      return Optional.empty();
    }
    String credentials = header.substring(space + 1).strip();
    return switch (header.substring(0, space).toLowerCase(Locale.ROOT)) {
      case "bearer" -> Optional.of(credentials);
      case "basic" -> password(credentials);
      default -> Optional.empty();
    };
  }

  private static Optional<String> password(String credentials) {
    try {
      String both = new String(Base64.getDecoder().decode(credentials), StandardCharsets.UTF_8);
      return Optional.of(both.substring(both.indexOf(':') + 1));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
