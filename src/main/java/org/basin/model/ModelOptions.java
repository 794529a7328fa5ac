package org.basin.model;

import java.util.Collections;
import java.util.List;
import org.basin.InvalidSettingException;
import org.basin.Require;

/**
 * The architecture as an experiment file states it; inputs and outputs come from the data.
 *
 * @param width units of every hidden layer
 * @param depth number of hidden layers; 0 is a linear model
 * @param hidden widths of the hidden layers one by one, in place of {@code width} and {@code
 *     depth}; empty (the default) means {@code depth} layers of {@code width}
 * @param activation of the hidden layers
 * @param bias whether layers have biases
 * @param batchNorm batch normalisation of every hidden layer before its activation (Ioffe and
 *     Szegedy 2015)
 * @param initialization distribution of the initial parameters
 * @param parameterization how initial scale and learning rate depend on width
 * @param baseWidth width at which {@code mup} equals {@code standard}
 */
public record ModelOptions(
    int width,
    int depth,
    List<Integer> hidden,
    Activation activation,
    boolean bias,
    boolean batchNorm,
    Initialization initialization,
    Parameterization parameterization,
    int baseWidth) {
  /** Two hidden ReLU layers of 64. */
  public static final ModelOptions DEFAULTS =
      new ModelOptions(
          64,
          2,
          List.of(),
          Activation.RELU,
          true,
          false,
          Initialization.HE,
          Parameterization.STANDARD,
          64);

  /** Widest layer allowed. */
  public static final int MAX_WIDTH = 1_000_000;

  /** Most hidden layers allowed. */
  public static final int MAX_DEPTH = 100;

  /** Checks ranges. */
  public ModelOptions {
    Require.inRange("width", width, 1, MAX_WIDTH);
    Require.inRange("depth", depth, 0, MAX_DEPTH);
    Require.inRange("baseWidth", baseWidth, 1, MAX_WIDTH);
    hidden = List.copyOf(hidden);
    if (hidden.size() > MAX_DEPTH) {
      throw new InvalidSettingException(
          "hidden", "has " + hidden.size() + " layers, allowed: up to " + MAX_DEPTH);
    }
    for (int units : hidden) {
      Require.inRange("hidden", units, 1, MAX_WIDTH);
    }
  }

  /** Widths of the hidden layers, whichever way they were stated. */
  public List<Integer> hiddenWidths() {
    return hidden.isEmpty() ? Collections.nCopies(depth, width) : hidden;
  }

  /** The network for data with so many inputs and classes. */
  public MlpSpec toSpec(int inputs, int outputs) {
    return new MlpSpec(
        inputs,
        hiddenWidths(),
        outputs,
        activation,
        bias,
        batchNorm,
        initialization,
        parameterization,
        baseWidth);
  }
}
