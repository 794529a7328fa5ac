package org.basin.measurement;

import java.util.List;

/**
 * What a study compared.
 *
 * @param comparisons in the order of the argument
 */
public record Comparisons(List<Comparison> comparisons) {

  /** Copies the list. */
  public Comparisons {
    comparisons = List.copyOf(comparisons);
  }
}
