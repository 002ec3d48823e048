package io.sluice.cli.bench;

import java.util.List;

/**
 * {@code bench store --json}.
 *
 * @param atOnce how many deals were under way
 * @param recordsPerDeal what the journal keeps of the life of each
 * @param all every deal, from its start to its end
 * @param tenths the same deals in the order of their beginning, in ten parts: a store that gets
 *     slower as it fills shows here
 * @param bytesPerDeal what all files hold in the end, for each deal
 * @param openMillis what it took to open the store again, with all of them in it
 * @param emptyMillis what it took with none
 * @param appendsPerSecond records a second of a file that is synced after each
 * @param ratio our records for each of those: above 1 where deals share a sync
 */
record StoreReport(
    int atOnce,
    int recordsPerDeal,
    DealsReport.Load all,
    List<DealsReport.Load> tenths,
    long bytesPerDeal,
    double openMillis,
    double emptyMillis,
    double appendsPerSecond,
    double ratio) {}
