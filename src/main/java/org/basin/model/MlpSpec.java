package org.basin.model;

import java.util.List;
import org.basin.Require;

/**
 * A multilayer perceptron: architecture, initialisation and parameterisation, everything but the
 * numbers.
 *
 * <pre>
 * a_0 = x                                                     [batch, inputs]
 * z_l = a_{l-1} W_l + b_l                                     [batch, widths[l]]
 * a_l = activation(batchNorm(z_l))   for the hidden layers    [batch, widths[l]]
 * logits = z_L                                                [batch, outputs]
 * </pre>
 *
 * @param inputs features of an example
 * @param hidden widths of the hidden layers; empty for a linear model
 * @param outputs classes
 * @param activation of the hidden layers
 * @param bias whether layers have biases
 * @param batchNorm whether hidden layers are normalised before their activation
 * @param initialization distribution of the initial parameters
 * @param parameterization how initial scale and learning rate depend on width
 * @param baseWidth width at which {@code mup} equals {@code standard}
 */
public record MlpSpec(
    int inputs,
    List<Integer> hidden,
    int outputs,
    Activation activation,
    boolean bias,
    boolean batchNorm,
    Initialization initialization,
    Parameterization parameterization,
    int baseWidth) {

  /** Checks that there is something to compute. */
  public MlpSpec {
    Require.inRange("inputs", inputs, 1, Integer.MAX_VALUE);
    Require.inRange("outputs", outputs, 1, Integer.MAX_VALUE);
    Require.inRange("baseWidth", baseWidth, 1, Integer.MAX_VALUE);
    hidden = List.copyOf(hidden);
    for (int width : hidden) {
      Require.inRange("hidden", width, 1, Integer.MAX_VALUE);
    }
  }

  /** Number of layers with weights: the hidden ones and the output layer. */
  public int layers() {
    return hidden.size() + 1;
  }

  /** Inputs of layer {@code layer}, counted from 0. */
  public int fanIn(int layer) {
    return layer == 0 ? inputs : hidden.get(layer - 1);
  }

  /** Outputs of layer {@code layer}, counted from 0. */
  public int fanOut(int layer) {
    return layer == hidden.size() ? outputs : hidden.get(layer);
  }

  /** Whether layer {@code layer} is followed by batch normalisation. */
  public boolean normalized(int layer) {
    return batchNorm && layer < hidden.size();
  }

  /** Widest hidden layer: the axis that Basin draws against; 0 for a linear model. */
  public int width() {
    return hidden.stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /** Number of trained parameters P, running statistics not among them. */
  public long parameterCount() {
    long count = 0;
    for (int l = 0; l < layers(); l++) {
      count += (long) fanIn(l) * fanOut(l);
      count += bias ? fanOut(l) : 0;
      count += normalized(l) ? 2L * fanOut(l) : 0;
    }
    return count;
  }
}
