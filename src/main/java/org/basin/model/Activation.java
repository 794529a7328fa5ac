package org.basin.model;

/** Activation of the hidden layers. */
public enum Activation {
  /** max(0, z). */
  RELU,
  /** tanh z. */
  TANH,
  /** z Φ(z), with the exact normal distribution function (Hendrycks and Gimpel 2016). */
  GELU,
  /** z: a linear network. */
  IDENTITY
}
