package org.basin.landscape.curvature;

import java.util.Locale;
import org.basin.InvalidInputException;
import org.basin.linalg.DenseMatrix;
import org.basin.linalg.Lanczos;
import org.basin.linalg.SpectralDensity;

/** The memory that a measurement of curvature needs, told before any of it is taken. */
final class HeapRoom {
  private HeapRoom() {}

  /** Bytes of a measurement from products. */
  static long ofProducts(
      long parameters, Lanczos.Options wanted, Lanczos.Options rest, HessianOptions options) {
    int known = wanted.largest() + wanted.smallest();
    SpectralDensity.Options runs =
        new SpectralDensity.Options(options.densityRuns(), options.densitySteps());
    // The pairs' own basis stays beside the runs of the density, and beside a search for copies.
    long lanczos = Lanczos.bytes(parameters, wanted);
    long spectrum = lanczos + Math.max(lanczos, SpectralDensity.bytes(parameters, known, runs));
    // R is computed beside G, in a buffer as large as the products; the pairs are kept for the end.
    long split = Lanczos.bytes(parameters, rest) + Lanczos.batchBytes(parameters);
    return Math.max(spectrum, parameters * known * Float.BYTES + split);
  }

  /** Bytes of a measurement from the whole matrices H, G and R. */
  static long ofMatrices(long parameters, Lanczos.Options wanted) {
    return 3 * DenseMatrix.bytes(parameters) + Lanczos.bytes(parameters, wanted);
  }

  /**
   * Refuses what would not fit.
   *
   * @throws InvalidInputException naming the bytes needed and available
   */
  static void require(long bytes) {
    if (bytes > available()) {
      System.gc(); // Garbage counts as used until it is collected.
      long available = available();
      if (bytes > available) {
        throw new InvalidInputException(
            String.format(
                Locale.ROOT,
                "the curvature needs %,d bytes of memory, available: %,d; allowed: fewer"
                    + " eigenvalues or densitySteps, a smaller denseUpTo or model, or a larger heap"
                    + " (BASIN_JAVA_OPTIONS=-Xmx...)",
                bytes,
                available));
      }
    }
  }

  private static long available() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
  }
}
