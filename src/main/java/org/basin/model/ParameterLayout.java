package org.basin.model;

/**
 * Where each parameter stands in the flat vector θ: layer after layer, weight {@code [fanIn,
 * fanOut]} row-major, then bias {@code [fanOut]}; then, again layer after layer, γ and β {@code
 * [fanOut]} of batch normalisation. Running statistics are not in θ.
 */
public final class ParameterLayout {
  private final int[] weight;
  private final int[] bias;
  private final int[] gamma;
  private final int[] beta;
  private final int[] statistics;
  private final int size;
  private final int statisticsSize;

  /**
   * The layout of a network's parameters.
   *
   * @throws org.basin.InvalidInputException when the network has more than 2³¹-1 parameters
   */
  public ParameterLayout(MlpSpec spec) {
    if (spec.parameterCount() > Integer.MAX_VALUE) {
      throw new org.basin.InvalidInputException(
          "the network has %,d parameters, allowed: up to %,d"
              .formatted(spec.parameterCount(), Integer.MAX_VALUE));
    }
    int layers = spec.layers();
    weight = new int[layers];
    bias = new int[layers];
    gamma = new int[layers];
    beta = new int[layers];
    statistics = new int[layers];
    int next = 0;
    for (int l = 0; l < layers; l++) {
      weight[l] = next;
      next += spec.fanIn(l) * spec.fanOut(l);
      bias[l] = next;
      next += spec.bias() ? spec.fanOut(l) : 0;
    }
    int nextStatistic = 0;
    for (int l = 0; l < layers; l++) {
      int width = spec.normalized(l) ? spec.fanOut(l) : 0;
      gamma[l] = next;
      beta[l] = next + width;
      next += 2 * width;
      statistics[l] = nextStatistic;
      nextStatistic += width;
    }
    size = next;
    statisticsSize = nextStatistic;
  }

  /** Offset of layer {@code l}'s weight. */
  public int weight(int l) {
    return weight[l];
  }

  /** Offset of layer {@code l}'s bias, where the network has biases. */
  public int bias(int l) {
    return bias[l];
  }

  /** Offset of layer {@code l}'s γ, where it is normalised. */
  public int gamma(int l) {
    return gamma[l];
  }

  /** Offset of layer {@code l}'s β, where it is normalised. */
  public int beta(int l) {
    return beta[l];
  }

  /** Offset of layer {@code l}'s running mean and variance in their own arrays. */
  public int statistics(int l) {
    return statistics[l];
  }

  /** Number of parameters P. */
  public int size() {
    return size;
  }

  /** Number of running means, and of running variances. */
  public int statisticsSize() {
    return statisticsSize;
  }
}
