package org.basin.report;

/**
 * One measured curve.
 *
 * @param x abscissae
 * @param y ordinates, as many; NaN where there is none
 * @param converged of each ordinate
 */
record Curve(double[] x, double[] y, boolean[] converged) {}
