/**
 * The books as a sheet for those who keep accounts: {@link io.sluice.cli.books.BookSheet} has its
 * columns, {@link io.sluice.cli.books.FiatRates} what tokens were worth.
 */
@NullMarked
package io.sluice.cli.books;

import org.jspecify.annotations.NullMarked;
