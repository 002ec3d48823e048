/**
 * How the store changes files: with a sync where one is promised, a type for a full disk, and a
 * place for tests to look. Start at {@link io.sluice.dealstore.disk.SteadyFile}.
 */
@NullMarked
package io.sluice.dealstore.disk;

import org.jspecify.annotations.NullMarked;
