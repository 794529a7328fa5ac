package org.basin.data;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * Values by key, made at most once while they are kept; those longest unused leave when all
 * together weigh more than a limit. The newest always stays. One thread makes a value at a time,
 * the others wait for it.
 */
final class BoundedCache<K, V> {
  private final long limit;
  private final ToLongFunction<V> weight;
  private final LinkedHashMap<K, V> byLastUse = new LinkedHashMap<>(16, 0.75f, true);
  private long held;

  /** An empty cache for values that together weigh up to {@code limit}. */
  BoundedCache(long limit, ToLongFunction<V> weight) {
    this.limit = limit;
    this.weight = weight;
  }

  /** The value of {@code key}, made by {@code maker} when it is not there. */
  synchronized V get(K key, Function<K, V> maker) {
    V kept = byLastUse.get(key);
    if (kept != null) {
      return kept;
    }
    V made = maker.apply(key);
    byLastUse.put(key, made);
    held += weight.applyAsLong(made);
    Iterator<V> longestUnused = byLastUse.values().iterator();
    while (held > limit && byLastUse.size() > 1) {
      held -= weight.applyAsLong(longestUnused.next());
      longestUnused.remove();
    }
    return made;
  }
}
