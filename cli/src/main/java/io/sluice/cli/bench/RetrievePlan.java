package io.sluice.cli.bench;

import io.sluice.protocol.retrieval.TokenAmount;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What {@code bench retrieve} does.
 *
 * @param size bytes of content, unless there are small files
 * @param smallFiles so many files of 1 to 4 KiB in a folder, in place of one file; 0 for one
 * @param chunk size of the blocks, if it is not the default
 * @param clients how many fetch at once, each as a process of its own
 * @param interval a fixed payment interval, if it is not that of the defaults
 * @param rttMillis how much longer a round trip takes
 * @param warm whether the clients' nodes run already and have fetched something before
 * @param runs how often; medians are of these
 * @param gopeer the Go program to compare with
 */
public record RetrievePlan(
    long size,
    int smallFiles,
    Optional<Long> chunk,
    int clients,
    TokenAmount price,
    Optional<Long> interval,
    int rttMillis,
    boolean warm,
    int runs,
    Optional<Path> gopeer) {}
