package io.sluice.fsm.replay;

import io.sluice.fsm.EventType;
import io.sluice.fsm.Row;
import io.sluice.fsm.RowKind;
import io.sluice.fsm.TransitionTable;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Prints a table as a reference page in Markdown: a Mermaid state diagram, then every row.
 *
 * <p>The diagram shows moves only, and rules for all live states once, beneath it: an arrow from
 * everywhere to everywhere hides the others.
 */
public final class StatePage {
  private StatePage() {}

  /**
   * The whole page.
   *
   * @param title its heading
   * @param introduction what the reader should know first, in Markdown
   */
  public static <S extends Enum<S>, D, I> String of(
      String title, String introduction, TransitionTable<S, D, I> table) {
    StringBuilder page = new StringBuilder();
    page.append("<!-- Generated from the table ")
        .append(table)
        .append("; do not edit. -->\n# ")
        .append(title)
        .append("\n\n")
        .append(introduction.strip())
        .append("\n\n```mermaid\n")
        .append(diagram(table))
        .append("```\n\nStarts in `")
        .append(table.initial())
        .append("`, ends in ")
        .append(names(table.ends()))
        .append(". What has no row is refused and changes nothing.\n\n");
    page.append("*again*: the state stays and its step runs once more. ")
        .append("*record*: the state stays, only the data change.\n");
    long live = table.states().stream().filter(state -> !table.isEnd(state)).count();
    rowsByHeading(table).forEach((heading, rows) -> section(page, heading, rows, live));
    return page.toString();
  }

  /** The Mermaid diagram alone. */
  public static <S extends Enum<S>, D, I> String diagram(TransitionTable<S, D, I> table) {
    StringBuilder text = new StringBuilder("stateDiagram-v2\n");
    text.append("    [*] --> ").append(table.initial()).append('\n');
    Map<S, Map<S, Set<EventType<?>>>> arrows = new LinkedHashMap<>();
    for (Row<S, D> row : table.rows()) {
      if (row.kind() == RowKind.MOVE && !row.anyLive()) {
        arrows
            .computeIfAbsent(row.from(), s -> new LinkedHashMap<>())
            .computeIfAbsent(row.to(), s -> new LinkedHashSet<>())
            .add(row.event());
      }
    }
    arrows.forEach(
        (from, targets) ->
            targets.forEach(
                (to, events) ->
                    text.append("    ")
                        .append(from)
                        .append(" --> ")
                        .append(to)
                        .append(" : ")
                        .append(
                            events.stream().map(EventType::name).collect(Collectors.joining(", ")))
                        .append('\n')));
    table.states().stream()
        .filter(table::isEnd)
        .forEach(end -> text.append("    ").append(end).append(" --> [*]\n"));
    return text.toString();
  }

  private record PageRow(EventType<?> event, String to, RowKind kind, boolean anyLive) {}

  private static <S extends Enum<S>, D, I> Map<String, List<Row<S, D>>> rowsByHeading(
      TransitionTable<S, D, I> table) {
    return table.rows().stream()
        .collect(Collectors.groupingBy(Row::heading, LinkedHashMap::new, Collectors.toList()));
  }

  private static <S extends Enum<S>, D> void section(
      StringBuilder page, String heading, List<Row<S, D>> rows, long live) {
    page.append('\n');
    if (!heading.isEmpty()) {
      page.append("## ").append(heading).append("\n\n");
    }
    page.append("| in | on | to |\n|---|---|---|\n");
    Map<PageRow, Set<S>> lines = new LinkedHashMap<>();
    for (Row<S, D> row : rows) {
      String to =
          switch (row.kind()) {
            case MOVE -> "`" + row.to() + "`";
            case AGAIN -> "*again*";
            case RECORD -> "*record*";
          };
      lines
          .computeIfAbsent(
              new PageRow(row.event(), to, row.kind(), row.anyLive()), l -> new LinkedHashSet<>())
          .add(row.from());
    }
    lines.forEach(
        (line, from) ->
            page.append("| ")
                .append(
                    line.anyLive() && from.size() > 1
                        ? everyLive(from.size() == live)
                        : names(from))
                .append(" | `")
                .append(line.event())
                .append("` | ")
                .append(line.to())
                .append(" |\n"));
  }

  private static String everyLive(boolean withoutException) {
    return withoutException ? "every live state" : "every other live state";
  }

  private static <S extends Enum<S>> String names(Set<S> states) {
    return states.stream().map(s -> "`" + s + "`").collect(Collectors.joining(", "));
  }
}
