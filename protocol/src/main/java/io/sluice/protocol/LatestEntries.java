package io.sluice.protocol;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A map of so many entries at most: one more takes the place of the eldest. For what strangers can
 * make without end. Not safe for several threads.
 */
public final class LatestEntries<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;
  private static final int CAPACITY = 16;
  private static final float LOAD = 0.75f;

  private final int most;

  private LatestEntries(int most, boolean byUse) {
    super(CAPACITY, LOAD, byUse);
    this.most = most;
  }

  /** The eldest is the one that was put first. */
  public static <K, V> Map<K, V> byInsertion(int most) {
    return new LatestEntries<>(most, false);
  }

  /** The eldest is the one that was not asked for, nor put, for the longest time. */
  public static <K, V> Map<K, V> byUse(int most) {
    return new LatestEntries<>(most, true);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
