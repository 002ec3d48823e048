package io.sluice.node.config;

import static java.util.stream.Collectors.toUnmodifiableSet;

import io.sluice.node.sync.AskingHooks.Asking;
import io.sluice.node.sync.HookMoment;
import io.sluice.node.sync.SyncLimits;
import io.sluice.node.sync.SyncLists;
import io.sluice.protocol.multiformats.Cid;
import io.sluice.protocol.multiformats.PeerId;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What dsync may do at this node beside what grants and prices say.
 *
 * @param lists whom and what it is for
 * @param limits sizes and times
 * @param asking who decides beside that; empty for nobody
 */
public record SyncSettings(SyncLists lists, SyncLimits limits, Optional<Asking> asking) {
  private static final Pattern TOKEN = Pattern.compile("token-[0-9a-f]{64}");
  private static final int MOST_SESSIONS = 1000;
  private static final long LEAST_BLOCK = 1 << 10;

  static SyncSettings read(Values values) throws ConfigException {
    SyncLimits standard = SyncLimits.DEFAULT;
    SyncLists lists =
        new SyncLists(
            callers(values, "dsync.allow-callers"),
            callers(values, "dsync.deny-callers"),
            roots(values, "dsync.allow-roots"),
            roots(values, "dsync.deny-roots"));
    int most = standard.manifest().nodes();
    SyncLimits limits =
        standard
            .withSizes(
                (int) values.number("dsync.max-blocks", n -> n >= 1 && n <= most),
                (int) values.size("dsync.max-block", LEAST_BLOCK, standard.blockBytes()),
                values.optional("dsync.max-push").isEmpty()
                    ? standard.pushBytes()
                    : values.size("dsync.max-push", 1, Long.MAX_VALUE))
            .withSessions(
                (int) values.number("dsync.sessions", n -> n >= 1 && n <= MOST_SESSIONS),
                values.duration("dsync.session", Duration.ofMinutes(1), Duration.ofDays(7)))
            .withRequireAll(
                values
                    .text("dsync.require-all", text -> text.equals("true") || text.equals("false"))
                    .equals("true"));
    return new SyncSettings(lists, limits, asking(values));
  }

  /** As callers are named where they ask. */
  private static Set<String> callers(Values values, String key) throws ConfigException {
    return values.list(key, text -> !caller(text).isEmpty()).stream()
        .map(SyncSettings::caller)
        .collect(toUnmodifiableSet());
  }

  private static String caller(String text) {
    return TOKEN.matcher(text).matches() ? text : PeerId.parse(text).toString();
  }

  private static Set<Cid> roots(Values values, String key) throws ConfigException {
    return values.list(key, text -> Cid.parse(text).size() > 0).stream()
        .map(Cid::parse)
        .collect(toUnmodifiableSet());
  }

  private static Optional<Asking> asking(Values values) throws ConfigException {
    List<String> whom = values.list("dsync.ask", any -> true);
    if (!whom.isEmpty() && Asking.isUrl(whom.getFirst())) {
      int words = whom.size();
      whom = values.list("dsync.ask", text -> words == 1 && URI.create(text).getHost() != null);
    }
    Set<HookMoment> about =
        values.list("dsync.ask-about", text -> HookMoment.named(text).isPresent()).stream()
            .map(text -> HookMoment.named(text).orElseThrow())
            .collect(toUnmodifiableSet());
    Duration patience =
        values.duration("dsync.ask-time", Duration.ofMillis(100), Duration.ofMinutes(10));
    return whom.isEmpty() ? Optional.empty() : Optional.of(new Asking(whom, about, patience));
  }
}
