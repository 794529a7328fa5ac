package org.basin.model;

/**
 * The numbers of a network at one moment.
 *
 * @param parameters θ in the order of {@link ParameterLayout}
 * @param runningMean batch normalisation's running means, hidden layer after hidden layer; empty
 *     without batch normalisation
 * @param runningVariance batch normalisation's running variances, in the same order
 */
public record NetworkState(float[] parameters, float[] runningMean, float[] runningVariance) {
  /** An independent copy. */
  public NetworkState copy() {
    return new NetworkState(parameters.clone(), runningMean.clone(), runningVariance.clone());
  }
}
