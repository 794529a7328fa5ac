package org.basin.linalg;

/** A product H v of an operator holds NaN or an infinity: nothing can be learnt from it. */
public class NonFiniteProductException extends ArithmeticException {
  private static final long serialVersionUID = 1L;

  /** Of product number {@code product}, counted from 1. */
  public NonFiniteProductException(int product, int component, float value) {
    super(
        "component "
            + component
            + " of operator product "
            + product
            + " is "
            + value
            + ": a spectrum needs finite products");
  }
}
