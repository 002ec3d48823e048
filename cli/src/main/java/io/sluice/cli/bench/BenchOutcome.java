package io.sluice.cli.bench;

import java.util.List;
import java.util.Optional;

/**
 * What a benchmark found.
 *
 * @param object for {@code --json}
 * @param lines and tables, for people
 * @param failure what makes its figures worthless; they are told all the same
 */
public record BenchOutcome(Object object, List<Object> lines, Optional<String> failure) {}
