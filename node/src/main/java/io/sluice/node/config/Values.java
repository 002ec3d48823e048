package io.sluice.node.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.sluice.payments.token.Amounts;
import io.sluice.payments.token.Tokens;
import io.sluice.payments.token.WrittenAmount;
import io.sluice.protocol.retrieval.TokenAmount;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The values in force, each with where it came from: flag, environment, file or default. */
final class Values {
  private static final Map<String, Setting> KNOWN =
      SettingTable.ALL.stream().collect(Collectors.toUnmodifiableMap(Setting::key, s -> s));

  private final Map<String, SourcedValue> values = new HashMap<>();

  private record SourcedValue(List<String> texts, String source) {}

  private Values() {}

  static Values read(Path file, Map<String, String> environment, Map<String, List<String>> flags)
      throws ConfigException, IOException {
    Values values = new Values();
    for (Setting setting : SettingTable.ALL) {
      values.put(setting, divided(setting, setting.standard()), "the defaults");
    }
    values.addFile(file);
    for (Setting setting : SettingTable.ALL) {
      String text = environment.get(setting.variable());
      if (text != null) {
        values.put(setting, divided(setting, text), setting.variable());
      }
      List<String> flag = flags.get(setting.key());
      if (flag != null) {
        values.put(setting, flag, "the command line");
      }
    }
    return values;
  }

  /** A list where no YAML divides it. */
  private static List<String> divided(Setting setting, String text) {
    return setting.kind() == Setting.ValueKind.LIST
        ? Arrays.stream(text.split(",")).map(String::strip).toList()
        : List.of(text);
  }

  private void put(Setting setting, List<String> texts, String source) {
    values.put(setting.key(), new SourcedValue(texts, source));
  }

  /** A file of comments only is not worth waking the YAML parser for. */
  private void addFile(Path file) throws ConfigException, IOException {
    if (!Files.exists(file)) {
      return;
    }
    String text;
    try {
      text = Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new ConfigException(file + ": not a text in UTF-8");
    }
    if (text.lines().map(String::strip).allMatch(line -> line.isEmpty() || line.startsWith("#"))) {
      return;
    }
    try {
      add("", new YAMLMapper().readTree(text), file.getFileName().toString());
    } catch (JsonProcessingException e) {
      throw new ConfigException(
          "%s, line %d: %s"
              .formatted(
                  file,
                  e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                  e.getOriginalMessage().lines().findFirst().orElse("not valid YAML")));
    }
  }

  private void add(String prefix, JsonNode node, String source) throws ConfigException {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String key = prefix + field.getKey();
      Setting setting = KNOWN.get(key);
      JsonNode value = field.getValue();
      if (setting != null) {
        put(setting, texts(value), source);
      } else if (value.isObject()) {
        add(key + ".", value, source);
      } else {
        throw new ConfigException("%s: no such key (in %s)".formatted(key, source));
      }
    }
  }

  private static List<String> texts(JsonNode value) {
    if (!value.isArray()) {
      return List.of(value.isNull() ? "" : value.asText());
    }
    List<String> texts = new ArrayList<>();
    value.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  interface ValueReader<T> {
    T read(String text);
  }

  interface ValueRange<T> {
    boolean holds(T value);
  }

  private <T> T value(String key, ValueReader<T> reader, ValueRange<T> range)
      throws ConfigException {
    Setting setting = known(key);
    SourcedValue value = current(key);
    String text = String.join(",", value.texts());
    try {
      T read = reader.read(text);
      if (range.holds(read)) {
        return read;
      }
    } catch (IllegalArgumentException e) {
      // Quantities say what they take; of other values that is their range.
      String form = setting.kind().isQuantity() ? "; " + e.getMessage() : "";
      throw ConfigException.bad(setting, text, value.source(), form);
    }
    throw ConfigException.bad(setting, text, value.source(), "");
  }

  private SourcedValue current(String key) {
    SourcedValue value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no such key: " + key);
    }
    return value;
  }

  private static Setting known(String key) {
    Setting setting = KNOWN.get(key);
    if (setting == null) {
      throw new IllegalArgumentException("no such key: " + key);
    }
    return setting;
  }

  List<String> list(String key, ValueRange<String> each) throws ConfigException {
    SourcedValue value = current(key);
    List<String> texts = value.texts().stream().filter(text -> !text.isBlank()).toList();
    for (String text : texts) {
      boolean holds;
      try {
        holds = each.holds(text);
      } catch (RuntimeException e) {
        holds = false; // the codecs of the protocols have exceptions of their own
      }
      if (!holds) {
        throw ConfigException.bad(known(key), text, value.source(), "");
      }
    }
    return texts;
  }

  String text(String key, ValueRange<String> range) throws ConfigException {
    return value(key, text -> text, range);
  }

  Optional<String> optional(String key) throws ConfigException {
    return Optional.of(text(key, any -> true)).filter(text -> !text.isBlank());
  }

  long number(String key, ValueRange<Long> range) throws ConfigException {
    return value(key, Long::parseLong, range);
  }

  long size(String key, long from, long to) throws ConfigException {
    return value(key, Quantities::size, size -> size >= from && size <= to);
  }

  Duration duration(String key, Duration from, Duration to) throws ConfigException {
    return value(
        key, Quantities::duration, time -> time.compareTo(from) >= 0 && time.compareTo(to) <= 0);
  }

  /** Empty if the text is. */
  Optional<Duration> optionalDuration(String key, Duration from, Duration to)
      throws ConfigException {
    return optional(key).isEmpty() ? Optional.empty() : Optional.of(duration(key, from, to));
  }

  TokenAmount amount(String key, Tokens tokens) throws ConfigException {
    return value(key, text -> tokens.read(WrittenAmount.parse(text)), any -> true);
  }

  /** At most one amount of each token; of none if the text is empty. */
  Amounts amounts(String key, Tokens tokens) throws ConfigException {
    return value(
        key,
        text ->
            tokens.amounts(
                Arrays.stream(text.split(","))
                    .filter(part -> !part.isBlank())
                    .map(WrittenAmount::parse)
                    .toList()),
        any -> true);
  }

  /** A value of which only all together shows that it cannot be. */
  ConfigException bad(String key, String why) {
    SourcedValue value = current(key);
    return ConfigException.bad(
        known(key), String.join(",", value.texts()), value.source(), "; " + why);
  }
}
