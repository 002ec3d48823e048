package io.sluice.node.sync;

import io.sluice.node.api.ErrorCode;
import io.sluice.node.api.Requests;
import io.sluice.node.api.ServiceException;
import io.sluice.protocol.dsync.DsyncNames;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Where another node answers dsync over HTTP: one URL for everything.
 *
 * @param base without parameters
 */
record DsyncUrl(URI base) {
  /**
   * Reads a URL; without a path it gets the usual one.
   *
   * @throws ServiceException {@code BAD_ADDRESS} if it is none, or has parts that have no use here
   */
  static DsyncUrl parse(String text) throws ServiceException {
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS, "'%s' is not a valid URL: %s".formatted(text, e.getReason()), e);
    }
    if (!Requests.SyncRequest.isUrl(text) || uri.getHost() == null) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS, "'%s' is not an http or https URL with a host".formatted(text));
    }
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new ServiceException(
          ErrorCode.BAD_ADDRESS,
          "a URL of dsync has a host and a path, and neither user, parameters nor fragment");
    }
    String path = uri.getRawPath();
    return new DsyncUrl(path.isEmpty() || path.equals("/") ? uri.resolve(DsyncNames.PATH) : uri);
  }

  /** The URL with parameters. */
  URI with(Map<String, String> parameters) {
    return parameters.isEmpty() ? base : URI.create(base + "?" + query(parameters));
  }

  private static String query(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(each -> encoded(each.getKey()) + "=" + encoded(each.getValue()))
        .collect(Collectors.joining("&"));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
