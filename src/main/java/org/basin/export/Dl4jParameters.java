package org.basin.export;

import java.util.Arrays;
import org.basin.model.MlpSpec;
import org.basin.model.NetworkState;
import org.basin.model.ParameterLayout;

/**
 * The order of DL4J's flat parameter vector: layer after layer weight column-major (index row + col
 * fanIn), bias, and directly behind its layer batch normalisation's γ, β, running mean, running
 * variance.
 */
public final class Dl4jParameters {
  private final MlpSpec spec;
  private final ParameterLayout layout;

  /** The order for a network. */
  public Dl4jParameters(MlpSpec spec) {
    this.spec = spec;
    this.layout = new ParameterLayout(spec);
  }

  /** Length of DL4J's vector, running statistics included. */
  public int size() {
    return layout.size() + 2 * layout.statisticsSize();
  }

  /** DL4J's vector of a network state. */
  public float[] flatten(NetworkState state) {
    float[] flat = new float[size()];
    walk(flat, state, true);
    return flat;
  }

  /** The network state in DL4J's vector. */
  public NetworkState unflatten(float[] flat) {
    NetworkState state =
        new NetworkState(
            new float[layout.size()],
            new float[layout.statisticsSize()],
            new float[layout.statisticsSize()]);
    walk(flat, state, false);
    return state;
  }

  /**
   * Whether each element of DL4J's vector is a trained parameter: its gradient view has the same
   * order, with pseudo-gradients in the places of the running statistics.
   */
  public boolean[] trained() {
    NetworkState ones = unflatten(new float[size()]);
    Arrays.fill(ones.parameters(), 1f);
    float[] flat = flatten(ones);
    boolean[] trained = new boolean[flat.length];
    for (int i = 0; i < flat.length; i++) {
      trained[i] = flat[i] == 1f;
    }
    return trained;
  }

  private void walk(float[] flat, NetworkState state, boolean toFlat) {
    float[] theta = state.parameters();
    int next = 0;
    for (int l = 0; l < spec.layers(); l++) {
      int in = spec.fanIn(l);
      int out = spec.fanOut(l);
      int weight = layout.weight(l);
      for (int column = 0; column < out; column++) {
        for (int row = 0; row < in; row++) {
          move(flat, next++, theta, weight + row * out + column, toFlat);
        }
      }
      if (spec.bias()) {
        next = moveAll(flat, next, theta, layout.bias(l), out, toFlat);
      }
      if (spec.normalized(l)) {
        int statistics = layout.statistics(l);
        next = moveAll(flat, next, theta, layout.gamma(l), out, toFlat);
        next = moveAll(flat, next, theta, layout.beta(l), out, toFlat);
        next = moveAll(flat, next, state.runningMean(), statistics, out, toFlat);
        next = moveAll(flat, next, state.runningVariance(), statistics, out, toFlat);
      }
    }
  }

  private static int moveAll(
      float[] flat, int from, float[] ours, int offset, int count, boolean toFlat) {
    for (int i = 0; i < count; i++) {
      move(flat, from + i, ours, offset + i, toFlat);
    }
    return from + count;
  }

  private static void move(float[] flat, int at, float[] ours, int index, boolean toFlat) {
    if (toFlat) {
      flat[at] = ours[index];
    } else {
      ours[index] = flat[at];
    }
  }
}
