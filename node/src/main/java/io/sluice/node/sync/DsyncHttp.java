package io.sluice.node.sync;

import io.sluice.node.api.ServiceException;
import io.sluice.protocol.ProtocolException;
import io.sluice.protocol.car.CarLimits;
import io.sluice.protocol.dsync.DsyncNames;
import io.sluice.protocol.dsync.Info;
import io.sluice.protocol.dsync.InfoCbor;
import io.sluice.protocol.dsync.InfoJson;
import io.sluice.protocol.dsync.Manifest;
import io.sluice.protocol.dsync.ManifestLimits;
import io.sluice.protocol.ipld.Block;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.retrieval.DealCode;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A node that answers dsync at a URL.
 *
 * <p>Spec: dsync 0.2.0, HTTP wire.
 */
final class DsyncHttp implements DsyncRemote {
  private static final Duration CONNECTING = Duration.ofSeconds(15);
  private static final int OK = 200;
  private static final int BAD_REQUEST = 400;

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECTING)
          // One would hand the token to whoever the answer names.
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  private final DsyncUrl url;
  private final Optional<String> token;
  private final Map<String, String> meta;
  private final ManifestLimits limits;
  private final Moved moved;

  /**
   * @param token sent as a bearer token
   * @param meta handed to the other end's checks
   * @param moved hears of bytes that come
   */
  DsyncHttp(
      DsyncUrl url,
      Optional<String> token,
      Map<String, String> meta,
      ManifestLimits limits,
      Moved moved) {
    this.url = url;
    this.token = token;
    this.meta = meta;
    this.limits = limits;
    this.moved = moved;
  }

  @Override
  public PushSession open(Info info, boolean pin)
      throws IOException, ServiceException, InterruptedException {
    HttpRequest.Builder request =
        request("POST", withMeta(Map.of(DsyncNames.PIN, Boolean.toString(pin))), json(info))
            .header("Content-Type", DsyncNames.JSON)
            .header("Accept", DsyncNames.JSON)
            .header(DsyncNames.VERSION_HEADER, DsyncNames.PROTOCOL);
    HttpResponse<InputStream> answer = send(request);
    try (InputStream body = answered(answer, false)) {
      Manifest missing = InfoJson.decodeManifest(bounded(body, limits.bytes()), limits);
      String sid = answer.headers().firstValue(DsyncNames.SID).orElse("");
      if (sid.isEmpty() || sid.length() > LONGEST_SID) {
        throw malformed("opened a session without a usable name");
      }
      return new PushSession(sid, missing, streams(answer));
    }
  }

  @Override
  public void putArchive(String sid, Iterable<byte[]> archive)
      throws IOException, ServiceException, InterruptedException {
    HttpRequest.Builder request =
        request("PUT", Map.of(DsyncNames.SID, sid), BodyPublishers.ofByteArrays(archive))
            .header("Content-Type", DsyncNames.CAR)
            .header("Accept", DsyncNames.BYTES)
            .header(DsyncNames.VERSION_HEADER, DsyncNames.PROTOCOL);
    answered(send(request), false).close();
  }

  /** An answer of 400 asks for it once more. */
  @Override
  public void putBlock(String sid, Block block)
      throws IOException, ServiceException, InterruptedException {
    Map<String, String> parameters = new LinkedHashMap<>();
    parameters.put(DsyncNames.SID, sid);
    parameters.put(DsyncNames.HASH, block.cid().toString());
    byte[] bytes = new byte[block.size()];
    block.data().get(bytes);
    HttpRequest.Builder request =
        request("PUT", parameters, BodyPublishers.ofByteArray(bytes))
            .header("Content-Type", DsyncNames.BYTES)
            .header("Accept", DsyncNames.BYTES);
    HttpResponse<InputStream> answer = send(request);
    if (answer.statusCode() == BAD_REQUEST) {
      try (InputStream body = answer.body()) {
        Refusal refusal = Refusal.of(BAD_REQUEST, body);
        throw new Refusal.TryLaterException(
            "%s did not take block %s: %s".formatted(url, block.cid(), refusal.text()));
      }
    }
    answered(answer, false).close();
  }

  @Override
  public RemoteInfo info(Cid root) throws IOException, ServiceException, InterruptedException {
    HttpRequest.Builder request =
        request("GET", withMeta(Map.of(DsyncNames.MANIFEST, root.toString())), nothing())
            .header("Accept", DsyncNames.JSON);
    HttpResponse<InputStream> answer = send(request);
    try (InputStream body = answered(answer, true)) {
      return new RemoteInfo(
          InfoJson.decode(bounded(body, limits.bytes()), limits), streams(answer));
    }
  }

  @Override
  public Block block(Cid cid) throws IOException, ServiceException, InterruptedException {
    HttpRequest.Builder request =
        request("GET", Map.of(DsyncNames.BLOCK, cid.toString()), nothing())
            .header("Accept", DsyncNames.BYTES);
    try (InputStream body = answered(send(request), true)) {
      return Block.verified(cid, ByteBuffer.wrap(bounded(body, CarLimits.BLOCK_BYTES)));
    }
  }

  @Override
  public InputStream stream(Manifest wanted)
      throws IOException, ServiceException, InterruptedException {
    HttpRequest.Builder request =
        request("PATCH", meta, BodyPublishers.ofByteArray(InfoCbor.encode(Info.of(wanted))))
            .header("Content-Type", DsyncNames.CBOR)
            .header("Accept", DsyncNames.CAR)
            .header(DsyncNames.VERSION_HEADER, DsyncNames.PROTOCOL);
    HttpResponse<InputStream> answer = send(request);
    InputStream body = answered(answer, true);
    String type = answer.headers().firstValue("Content-Type").orElse("");
    if (!type.split(";", 2)[0].strip().equalsIgnoreCase(DsyncNames.CAR)) {
      body.close();
      throw malformed("answered with something else than an archive");
    }
    return body;
  }

  @Override
  public void remove(Cid root) throws IOException, ServiceException, InterruptedException {
    HttpRequest.Builder request =
        request("DELETE", withMeta(Map.of(DsyncNames.CID, root.toString())), nothing())
            .header("Accept", DsyncNames.BYTES);
    answered(send(request), false).close();
  }

  private static BodyPublisher json(Info info) {
    return BodyPublishers.ofByteArray(InfoJson.encode(info));
  }

  private static BodyPublisher nothing() {
    return BodyPublishers.noBody();
  }

  private Map<String, String> withMeta(Map<String, String> parameters) {
    Map<String, String> all = new LinkedHashMap<>(meta);
    all.putAll(parameters);
    return all;
  }

  private HttpRequest.Builder request(
      String method, Map<String, String> parameters, BodyPublisher body) {
    HttpRequest.Builder request = HttpRequest.newBuilder(url.with(parameters)).method(method, body);
    token.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
    return request;
  }

  private HttpResponse<InputStream> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    HttpResponse<InputStream> answer =
        http.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
    moved.sign();
    return answer;
  }

  /** The body of an answer that is none but a yes. */
  private InputStream answered(HttpResponse<InputStream> answer, boolean reading)
      throws IOException, ServiceException {
    if (answer.statusCode() == OK) {
      return new Watched(answer.body());
    }
    try (InputStream body = answer.body()) {
      throw Refusal.of(answer.statusCode(), body).error(url, reading);
    }
  }

  private static boolean streams(HttpResponse<?> answer) {
    return DsyncNames.streams(
        answer.headers().firstValue(DsyncNames.VERSION_HEADER).orElse(DsyncNames.OLD_PROTOCOL));
  }

  private ServiceException malformed(String what) {
    return new ServiceException(DealCode.VERIFICATION_FAILED, url + " " + what);
  }

  private static byte[] bounded(InputStream body, int most) throws IOException {
    byte[] read = body.readNBytes(most);
    if (read.length == most && body.read() >= 0) {
      throw new ProtocolException(
          ProtocolException.MESSAGE_TOO_LARGE, "an answer of more than " + most + " bytes");
    }
    return read;
  }

  /** Tells of each sign of life. */
  private final class Watched extends FilterInputStream {
    Watched(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      moved.sign();
      return super.read();
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      int read = super.read(into, from, length);
      moved.sign();
      return read;
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
