package io.sluice.node;

import static java.util.stream.Collectors.toMap;
import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sluice.node.metrics.Metric;
import io.sluice.node.metrics.Metrics;
import io.sluice.node.watch.Concern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The alerts for Prometheus and the dashboard for Grafana ask for figures that there are, by labels
 * and values that they have. A name that is wrong would be an alert that never comes.
 */
class MonitoringFilesTest {
  private static final Path FOLDER = Path.of("..", "monitoring");
  private static final Pattern NAME = Pattern.compile("\\bsluice_[a-z_]+");
  private static final Pattern SELECTOR = Pattern.compile("\\b(\\w+)\\{([^}]*)}");
  private static final Pattern MATCHER = Pattern.compile("(\\w+)(=~|!~|!=|=)\"([^\"]*)\"");
  private static final Pattern MATCHING = Pattern.compile("\\b(?:on|by|group_left) *\\(([^)]*)\\)");
  private static final Pattern LEGEND = Pattern.compile("\\{\\{ *(?:\\$labels\\.)?(\\w+)");
  private static final String OPENING = "([{";

  /** What Prometheus adds. */
  private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

  private static final Map<String, Metric> METRICS =
      Arrays.stream(Metric.values()).collect(toMap(Metric::shownName, metric -> metric));

  private static List<Query> alerts;
  private static List<Query> panels;
  private static JsonNode rules;

  /** One expression and the text that goes with it. */
  private record Query(String expression, String text) {}

  @BeforeAll
  static void read() throws IOException {
    rules = new YAMLMapper().readTree(FOLDER.resolve("sluice-alerts.yml").toFile());
    alerts = new ArrayList<>();
    for (JsonNode rule : rules()) {
      alerts.add(
          new Query(rule.get("expr").asText(), rule.at("/annotations/description").asText()));
    }
    panels = new ArrayList<>();
    JsonNode board = new ObjectMapper().readTree(FOLDER.resolve("sluice-dashboard.json").toFile());
    for (JsonNode panel : board.get("panels")) {
      for (JsonNode target : panel.path("targets")) {
        panels.add(new Query(target.get("expr").asText(), target.get("legendFormat").asText()));
      }
    }
  }

  private static List<JsonNode> rules() {
    return rules.get("groups").valueStream().flatMap(g -> g.get("rules").valueStream()).toList();
  }

  private static List<Query> all() {
    return Stream.concat(alerts.stream(), panels.stream()).toList();
  }

  @Test
  void everyFigureIsOneOfTheTable() {
    assertFalse(alerts.isEmpty());
    assertFalse(panels.isEmpty());
    for (Query query : all()) {
      List<String> names =
          NAME.matcher(query.expression()).results().map(MatchResult::group).toList();
      assertTrue(
          METRICS.keySet().containsAll(names) && (!names.isEmpty() || isAboutUp(query)),
          query.expression());
      assertTrue(
          NAME.matcher(query.text())
              .results()
              .allMatch(name -> METRICS.containsKey(name.group()) || name.group().endsWith("_")),
          query.text());
    }
  }

  /** Prometheus' own: whether it got an answer. */
  private static boolean isAboutUp(Query query) {
    return query.expression().startsWith("up{");
  }

  @Test
  void everyLabelIsOneOfItsFigure_andHasThatValue() {
    String shown = shown();
    for (Query query : all()) {
      Set<String> labels = new HashSet<>(OF_PROMETHEUS);
      NAME.matcher(query.expression())
          .results()
          .map(name -> METRICS.get(name.group()))
          .forEach(metric -> metric.labels().forEach(label -> labels.add(label.key())));
      SELECTOR
          .matcher(query.expression())
          .results()
          .forEach(selector -> check(selector.group(1), selector.group(2), shown));
      MATCHING
          .matcher(query.expression())
          .results()
          .flatMap(by -> Stream.of(by.group(1).split(" *, *")))
          .forEach(label -> assertTrue(labels.contains(label), query.expression()));
      LEGEND
          .matcher(query.text())
          .results()
          .map(used -> used.group(1))
          .filter(used -> !used.equals("value"))
          .forEach(used -> assertTrue(labels.contains(used), query.text()));
    }
  }

  private static void check(String name, String matchers, String shown) {
    if (name.equals("up")) {
      return;
    }
    Set<String> own = METRICS.get(name).labels().stream().map(Metric.Label::key).collect(toSet());
    for (MatchResult matcher : MATCHER.matcher(matchers).results().toList()) {
      String label = matcher.group(1);
      assertTrue(own.contains(label) || OF_PROMETHEUS.contains(label), name + matchers);
      if (own.contains(label)) {
        assertEquals("=", matcher.group(2), name + matchers);
        assertTrue(
            Pattern.compile(name + "\\{[^}]*" + label + "=\"" + matcher.group(3) + "\"")
                .matcher(shown)
                .find(),
            "nothing is shown as " + name + matchers);
      }
    }
  }

  /** All money of a node on a chain, as it is shown before anything was earned. */
  private static String shown() {
    try (Metrics metrics = new Metrics()) {
      WatchedMoney.show(metrics);
      return metrics.text();
    }
  }

  /** Not the whole grammar: what is easily broken by hand. */
  @Test
  void bracketsAndQuotesAreClosed() {
    for (Query query : all()) {
      StringBuilder open = new StringBuilder();
      boolean quoted = false;
      for (char c : query.expression().toCharArray()) {
        if (c == '"') {
          quoted = !quoted;
        } else if (!quoted && OPENING.indexOf(c) >= 0) {
          open.append(")]}".charAt(OPENING.indexOf(c)));
        } else if (!quoted && ")]}".indexOf(c) >= 0) {
          assertTrue(!open.isEmpty() && open.charAt(open.length() - 1) == c, query.expression());
          open.setLength(open.length() - 1);
        }
      }
      assertTrue(open.isEmpty() && !quoted, query.expression());
    }
  }

  /** What a node says of itself, Prometheus says, too; and the page explains what it says. */
  @Test
  void everyConcernHasItsAlert_andEveryAlertStandsOnThePage() throws IOException {
    Set<String> names = new TreeSet<>();
    for (JsonNode rule : rules()) {
      assertTrue(names.add(rule.get("alert").asText()), "twice: " + rule.get("alert"));
      assertTrue(
          Set.of("critical", "warning", "info").contains(rule.at("/labels/severity").asText()),
          rule.get("alert").asText());
      assertFalse(rule.at("/annotations/summary").asText().isEmpty());
    }
    for (Concern concern : Concern.values()) {
      assertTrue(names.contains("Sluice" + camel(concern.code())), concern.code());
    }
    String page = Files.readString(Path.of("..", "docs", "how-to", "watch-a-node.md"));
    names.forEach(name -> assertTrue(page.contains("`" + name + "`"), name));
    String tried = Files.readString(FOLDER.resolve("alerts-test.yml"));
    names.forEach(name -> assertTrue(tried.contains("\"" + name + "\""), name));
  }

  private static String camel(String code) {
    StringBuilder text = new StringBuilder();
    for (String word : code.split("_")) {
      text.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
    }
    return text.toString();
  }

  @Test
  void allMoney_isOnTheDashboard() {
    Set<String> drawn =
        panels.stream()
            .flatMap(query -> NAME.matcher(query.expression()).results())
            .map(MatchResult::group)
            .collect(toSet());
    Set<String> money =
        EnumSet.range(Metric.READY, Metric.RPC_ASIDE).stream()
            .map(Metric::shownName)
            .collect(toSet());
    money.removeAll(drawn);
    assertEquals(Set.of(), money, "not drawn");
  }
}
