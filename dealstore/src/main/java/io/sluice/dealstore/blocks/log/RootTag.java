package io.sluice.dealstore.blocks.log;

/**
 * One listing of a root: where it was listed first, and under which number there. A root that is
 * removed and listed again has another tag, so that what was removed stays removed, and what was
 * listed anew is not taken for it.
 *
 * @param epoch of the log that numbered it first
 * @param number that it has there, 1 or more, unsigned
 */
public record RootTag(long epoch, long number) {}
