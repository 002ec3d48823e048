package io.sluice.cli.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sluice.protocol.Ticker;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;

/**
 * A file's way over plain HTTP into another file, its SHA-256 computed on the way: what a download
 * that is checked by its hash costs.
 *
 * @param file what is served; begun anew where it is shorter than what is asked for
 * @param into the file to write
 */
record HttpDownload(Path file, Path into) implements Yardstick {
  private static final int PIECE = 128 << 10;

  @Override
  public String name() {
    return "HTTP, hash checked";
  }

  @Override
  public long nanos(long bytes) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 1);
    server.createContext("/", exchange -> serve(exchange, bytes));
    server.start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      String address = "http://127.0.0.1:%d/".formatted(server.getAddress().getPort());
      HttpResponse<InputStream> response =
          client.send(
              HttpRequest.newBuilder(URI.create(address)).build(),
              HttpResponse.BodyHandlers.ofInputStream());
      return receive(response.body(), bytes);
    } finally {
      server.stop(0);
    }
  }

  private void serve(HttpExchange exchange, long bytes) throws IOException {
    exchange.sendResponseHeaders(200, bytes);
    byte[] piece = new byte[PIECE];
    try (OutputStream out = exchange.getResponseBody()) {
      for (long left = bytes; left > 0; ) {
        try (InputStream in = Files.newInputStream(file)) {
          for (int read = in.read(piece); read >= 0 && left > 0; read = in.read(piece)) {
            int now = (int) Math.min(read, left);
            out.write(piece, 0, now);
            left -= now;
          }
        }
      }
    }
  }

  private long receive(InputStream body, long bytes) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    long began = Ticker.SYSTEM.nanos();
    try (DigestInputStream in = new DigestInputStream(body, digest);
        OutputStream out = Files.newOutputStream(into)) {
      long got = in.transferTo(out);
      if (got != bytes) {
        throw new IOException("%d of %d bytes came".formatted(got, bytes));
      }
    }
    digest.digest();
    return Ticker.SYSTEM.nanos() - began;
  }
}
