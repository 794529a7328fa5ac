package org.basin.linalg;

import java.util.List;
import java.util.stream.Stream;

/**
 * Eigenpairs of both ends of a spectrum.
 *
 * @param largest the algebraically largest, descending
 * @param smallest the algebraically smallest, ascending; where more than n are asked for at both
 *     ends together, the same pair stands in both
 * @param norm ‖H‖₂, the largest magnitude among them and all other Ritz values
 * @param products how many products were spent
 * @param exact whether they are of the whole matrix, not of a Krylov space
 * @param multiplicitiesChecked whether a search in the complement of the pairs found no further
 *     copy; when false, an eigenvalue may stand here fewer times than its multiplicity
 */
public record Eigenpairs(
    List<Eigenpair> largest,
    List<Eigenpair> smallest,
    double norm,
    int products,
    boolean exact,
    boolean multiplicitiesChecked) {

  public Eigenpairs {
    largest = List.copyOf(largest);
    smallest = List.copyOf(smallest);
  }

  /** The largest, then the smallest. */
  public List<Eigenpair> all() {
    return Stream.concat(largest.stream(), smallest.stream()).toList();
  }

  /** Whether every pair has converged. */
  public boolean converged() {
    return all().stream().allMatch(Eigenpair::converged);
  }
}
