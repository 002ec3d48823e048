package io.sluice.fsm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds what is wrong with a table as a whole. */
final class TableCheck {
  private TableCheck() {}

  static <S extends Enum<S>, D, I> List<String> defects(TransitionTable<S, D, I> table) {
    List<String> defects = new ArrayList<>();
    Class<S> type = table.initial().getDeclaringClass();
    Set<EventType<?>> withoutRow = new LinkedHashSet<>(table.events());
    Map<S, Set<S>> forward = new EnumMap<>(type);
    Map<S, Set<S>> backward = new EnumMap<>(type);
    for (Row<S, D> row : table.rows()) {
      withoutRow.remove(row.event());
      if (!table.events().contains(row.event())) {
        defects.add("a row takes the event " + row.event() + ", which is none of this machine");
      }
      if (table.isEnd(row.from())) {
        defects.add("a row for " + row.event() + " leads out of the end state " + row.from());
      }
      forward.computeIfAbsent(row.from(), s -> EnumSet.noneOf(type)).add(row.to());
      backward.computeIfAbsent(row.to(), s -> EnumSet.noneOf(type)).add(row.from());
    }
    withoutRow.forEach(event -> defects.add("no row takes the event " + event));
    Set<S> reached = closure(EnumSet.of(table.initial()), forward);
    Set<S> canEnd = closure(table.ends(), backward);
    for (S state : table.states()) {
      if (!reached.contains(state)) {
        defects.add("no way leads from " + table.initial() + " to " + state);
      } else if (!canEnd.contains(state)) {
        defects.add("no way leads from " + state + " to an end");
      }
    }
    return defects;
  }

  private static <S extends Enum<S>> Set<S> closure(Set<S> start, Map<S, Set<S>> arrows) {
    Set<S> found = EnumSet.copyOf(start);
    Deque<S> open = new ArrayDeque<>(start);
    while (!open.isEmpty()) {
      for (S next : arrows.getOrDefault(open.remove(), Set.of())) {
        if (found.add(next)) {
          open.add(next);
        }
      }
    }
    return found;
  }
}
