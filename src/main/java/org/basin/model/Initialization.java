package org.basin.model;

/**
 * Distribution of the initial parameters of a layer; fanIn and fanOut are its inputs and outputs.
 */
public enum Initialization {
  /** Weights N(0, 2/fanIn), biases 0 (He et al. 2015). */
  HE,
  /** Weights N(0, 2/(fanIn+fanOut)), biases 0 (Glorot and Bengio 2010). */
  XAVIER,
  /** Weights N(0, 1/fanIn), biases 0 (LeCun et al. 1998). */
  LECUN,
  /** Weights and biases U(-1/sqrt(fanIn), 1/sqrt(fanIn)): what PyTorch's {@code Linear} does. */
  PYTORCH
}
