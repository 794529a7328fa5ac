package org.basin.landscape.generalization;

import org.basin.Require;

/**
 * What {@link GeneralizationProbe} measures.
 *
 * @param errorRise by how much Gaussian noise on the parameters is to raise the training error, on
 *     average; a fraction
 * @param draws of that noise
 * @param tolerance relative, of the noise's size
 * @param confidence probability with which the PAC-Bayes bound holds
 */
public record GeneralizationOptions(
    double errorRise, int draws, double tolerance, double confidence) {
  /**
   * A rise of 0.1 (Jiang et al. 2020, appendix C.4; Dziugaite et al. 2020) over 20 draws, twice the
   * field's ten; a bound of 95 %.
   */
  public static final GeneralizationOptions DEFAULTS =
      new GeneralizationOptions(0.1, 20, 0.01, 0.95);

  /** Checks ranges. */
  public GeneralizationOptions {
    Require.inRange("errorRise", errorRise, 0.001, 0.9);
    Require.inRange("draws", draws, 2, 1_000_000);
    Require.inRange("tolerance", tolerance, 1e-4, 0.5);
    Require.inRange("confidence", confidence, 0.5, 0.999999);
  }
}
