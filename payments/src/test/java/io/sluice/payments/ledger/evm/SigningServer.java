package io.sluice.payments.ledger.evm;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.sluice.payments.voucher.Keccak;
import io.sluice.payments.voucher.SigningKey;
import io.sluice.protocol.retrieval.Bytes32;
import io.sluice.protocol.retrieval.EvmAddress;
import io.sluice.protocol.retrieval.Signature;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.web3j.crypto.RawTransaction;
import org.web3j.crypto.Sign;
import org.web3j.crypto.StructuredDataEncoder;
import org.web3j.crypto.TransactionEncoder;
import org.web3j.protocol.ObjectMapperFactory;

/**
 * A signer as Web3Signer is one: typed data come as a text, the chain of transactions is its own
 * setting, and both are encoded by a library. A test bends what it signs, or all of its answer.
 */
final class SigningServer implements AutoCloseable {
  /** The whole of an answer. */
  interface Answering {
    void to(JsonNode asked, HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final long chainId;

  volatile SigningKey key;
  volatile UnaryOperator<String> typedData = UnaryOperator.identity();
  volatile UnaryOperator<RawTransaction> transaction = UnaryOperator.identity();
  volatile UnaryOperator<Signature> signature = UnaryOperator.identity();
  volatile UnaryOperator<String> result = UnaryOperator.identity();
  volatile Answering answering = this::answer;

  SigningServer(SigningKey key, long chainId) throws IOException {
    this.key = key;
    this.chainId = chainId;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            answering.to(
                ObjectMapperFactory.getObjectMapper().readTree(exchange.getRequestBody()),
                exchange);
          }
        });
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
  }

  private void answer(JsonNode asked, HttpExchange exchange) throws IOException {
    JsonNode params = asked.get("params");
    String found =
        switch (asked.get("method").asText()) {
          case "eth_accounts" -> "[\"%s\"]".formatted(key.address());
          case "eth_signTypedData" -> "\"%s\"".formatted(result.apply(typed(params)));
          case "eth_signTransaction" -> "\"%s\"".formatted(result.apply(signed(params.get(0))));
          default -> throw new IOException("asked for " + asked);
        };
    send(
        exchange,
        200,
        "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":%s}".formatted(asked.get("id"), found));
  }

  static void send(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private String typed(JsonNode params) throws IOException {
    String json = typedData.apply(params.get(1).textValue());
    byte[] digest = new StructuredDataEncoder(json).hashStructuredData();
    return Hex.of(signature.apply(key.sign(Bytes32.of(digest))).bytes());
  }

  private String signed(JsonNode asked) {
    RawTransaction raw =
        transaction.apply(
            RawTransaction.createTransaction(
                chainId,
                number(asked, "nonce"),
                number(asked, "gas"),
                recipient(asked),
                number(asked, "value"),
                asked.get("data").asText(),
                number(asked, "maxPriorityFeePerGas"),
                number(asked, "maxFeePerGas")));
    byte[] bytes = signature.apply(key.sign(Keccak.hash(TransactionEncoder.encode(raw)))).bytes();
    return Hex.of(
        TransactionEncoder.encode(
            raw,
            new Sign.SignatureData(
                bytes[64], Arrays.copyOf(bytes, 32), Arrays.copyOfRange(bytes, 32, 64))));
  }

  /** A contract's creation has none; what is there has to be an address. */
  private static String recipient(JsonNode asked) {
    return asked.has("to") ? EvmAddress.parse(asked.get("to").asText()).toString() : "";
  }

  private static BigInteger number(JsonNode asked, String name) {
    return Hex.number(asked.get(name).asText());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
